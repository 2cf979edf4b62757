import { StorageType, type KV, type NatsConnection } from 'nats';
import { LEASE_SECONDS, type LeaseEntry } from './lease-book.js';

const BUCKET = 'clameur_claims';
const STREAM = `KV_${BUCKET}`;

/** The KV bucket of leases and claims: in memory, and every key of it runs out by itself. */
export class ClaimBucket {
  readonly #connection: NatsConnection;
  readonly #replicas: number;
  #kv: KV | undefined;

  /** `replicas`: copies of it among the servers of a cluster, where it has to be made. */
  constructor(connection: NatsConnection, replicas = 1) {
    this.#connection = connection;
    this.#replicas = replicas;
  }

  /** Subject pattern under which every change of these keys is seen as it is made. */
  static subject(prefix: string): string {
    return `$KV.${BUCKET}.${prefix}`;
  }

  /** The keys that match a pattern of tokens, with their values; `undefined` where what lies there is not ours. */
  async list<T>(pattern: string): Promise<LeaseEntry<T>[]> {
    const kv = await this.#open();
    const manager = await this.#connection.jetstreamManager();
    const { state } = await manager.streams
      .info(STREAM, { subjects_filter: ClaimBucket.subject(pattern) })
      .catch((error: unknown) => this.#forget(error));
    const prefix = ClaimBucket.subject('');
    const keys = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
    const entries = await Promise.all(keys.map((key) => this.#entry<T>(kv, key)));
    return entries.flatMap((entry) => entry ?? []);
  }

  /** The key as it is; `deleted`: it was given back and has not run out yet. */
  async get<T>(key: string): Promise<LeaseEntry<T> | 'deleted' | undefined> {
    const entry = await (await this.#open()).get(key).catch((error: unknown) => this.#forget(error));
    if (!entry) return undefined;
    if (entry.operation !== 'PUT') return 'deleted';
    return { key, revision: entry.revision, value: entry.json<T>() };
  }

  /** Stores without a condition; gives the revision. */
  async put(key: string, value: unknown): Promise<number> {
    const kv = await this.#open();
    return kv.put(key, JSON.stringify(value)).catch((error: unknown) => this.#forget(error));
  }

  /** Stores only over that revision, or where there is none (`undefined`); undefined where another was first. */
  async swap(key: string, value: unknown, revision: number | undefined): Promise<number | undefined> {
    const kv = await this.#open();
    const body = JSON.stringify(value);
    try {
      return revision === undefined ? await kv.create(key, body) : await kv.update(key, body, revision);
    } catch (error) {
      if ((error as { api_error?: { err_code?: number } }).api_error?.err_code === 10071) return undefined;
      return this.#forget(error);
    }
  }

  async delete(key: string): Promise<void> {
    const kv = await this.#open();
    await kv.delete(key);
  }

  async #entry<T>(kv: KV, key: string): Promise<LeaseEntry<T> | undefined> {
    const entry = await kv.get(key);
    if (!entry || entry.operation !== 'PUT') return undefined;
    try {
      return { key, revision: entry.revision, value: entry.json<T>() };
    } catch {
      return undefined;
    }
  }

  async #open(): Promise<KV> {
    this.#kv ??= await this.#connection.jetstream().views.kv(BUCKET, {
      ttl: LEASE_SECONDS * 1000,
      history: 1,
      storage: StorageType.Memory,
      replicas: this.#replicas,
      // A value that the server sends as it is could pass for any message, wherever it is asked to send it.
      allow_direct: false,
    });
    return this.#kv;
  }

  /** A server that was started again has lost what lay in memory: the bucket is made anew at the next try. */
  #forget(error: unknown): never {
    this.#kv = undefined;
    throw error;
  }
}
