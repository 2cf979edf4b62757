import { once } from 'node:events';
import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudEvent } from '../../src/publish/index.js';
import { Random } from '../../src/simulate/index.js';
import { readEvents, until } from '../publish/hub.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { Link } from './link.js';
import { expectNothingLost, pause, Publishing, publishingFolder } from './publishing.js';

const SEED = process.env['SEED'] ?? String(Math.floor(Math.random() * 1e9));
const ROUNDS = Number(process.env['ROUNDS'] ?? 200);
/** Rounds on one server and one outbox; then everything is counted. */
const ROUNDS_A_CAMPAIGN = 25;
const STORE_MEGABYTES = 64;

let folder: string;

beforeAll(async () => {
  folder = await publishingFolder();
  process.stderr.write(`faults: SEED=${SEED} ROUNDS=${ROUNDS}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One city: a server, a network, an outbox and the process that fills it. */
class Campaign {
  readonly made: string[] = [];
  #child!: Publishing;
  #next = 1;

  private constructor(
    readonly nats: NatsServer,
    readonly link: Link,
    readonly data: string,
    readonly random: Random,
  ) {}

  static async begin(seed: string): Promise<Campaign> {
    const conf = join(folder, `${seed}.conf`);
    await writeFile(conf, `jetstream { max_file_store: ${STORE_MEGABYTES}MB, max_memory_store: 300MB }\n`);
    const nats = await startNatsServer(['-c', conf]);
    const link = await Link.open(nats.port);
    const data = join(folder, seed);
    await mkdir(data);
    const campaign = new Campaign(nats, link, data, new Random(seed));
    await campaign.#start();
    return campaign;
  }

  readonly faults: Record<string, () => Promise<void>> = {
    'NATS killed': async () => {
      await this.nats.kill();
      await pause(this.random.int(0, 300));
      await this.nats.restart();
    },
    'NATS frozen': async () => {
      process.kill(this.nats.pid!, 'SIGSTOP');
      await pause(this.random.int(50, 800));
      process.kill(this.nats.pid!, 'SIGCONT');
    },
    'NATS frozen, then killed': async () => {
      process.kill(this.nats.pid!, 'SIGSTOP');
      await pause(this.random.int(50, 300));
      await this.nats.kill();
      await this.nats.restart();
    },
    'a slow network': async () => this.#network('slow'),
    'a cut network': async () => this.#network('cut'),
    'a network that swallows': async () => this.#network('frozen'),
    'the process killed': async () => {
      await this.#kill();
      await this.#start();
    },
    'the process killed while it starts': async () => {
      await this.#kill();
      const short = new Publishing(folder, this.link.url, this.data, { first: this.#next });
      this.#next += 1000;
      await pause(this.random.int(100, 700));
      this.made.push(...(await short.end('SIGKILL')));
      await this.#start();
    },
    'the process killed and a torn write at the outbox’s end': async () => {
      await this.#kill();
      const logs = (await readdir(join(this.data, 'outbox'))).filter((name) => name.endsWith('.log')).sort();
      const torn = Buffer.from(
        Array.from({ length: this.random.int(1, 200) }, () => this.random.int(0, 255)),
      );
      if (logs.length > 0) await appendFile(join(this.data, 'outbox', logs.at(-1)!), torn);
      await this.#start();
    },
    'the process and NATS killed': async () => {
      await Promise.all([this.#kill(), this.nats.kill()]);
      await this.#start();
      await pause(this.random.int(0, 300));
      await this.nats.restart();
    },
    'a second process on the same outbox': async () => {
      const second = new Publishing(folder, this.link.url, this.data, { first: 500_000 });
      await once(second.process, 'close');
      expect(second.errors).toContain('OUTBOX_LOCKED');
    },
    'JetStream out of space': async () => {
      const nc = await connect({ servers: this.nats.url });
      const manager = await nc.jetstreamManager();
      await manager.streams.add({ name: 'FILLER', subjects: ['filler'] });
      const piece = new Uint8Array(900_000);
      for (let full = false; !full;) {
        full = await nc
          .jetstream()
          .publish('filler', piece)
          .then(
            () => false,
            () => true,
          );
      }
      await pause(this.random.int(50, 400));
      await manager.streams.delete('FILLER');
      await nc.close();
    },
  };

  async round(): Promise<string> {
    const name = this.random.pick(Object.keys(this.faults));
    await this.faults[name]();
    await pause(this.random.int(0, 60));
    return name;
  }

  /** Lets it send what is left; gives what the hub has. */
  async end(): Promise<CloudEvent[]> {
    this.link.set('open');
    const before = this.#child.said().length;
    await until('it goes on', () => this.#child.said().length > before, 300);
    this.made.push(...(await this.#child.end('SIGTERM')));
    const last = new Publishing(folder, this.link.url, this.data, { first: this.#next });
    await until('it is open again', () => last.said().length > 0, 300);
    this.made.push(...(await last.end('SIGTERM')));
    const events = (await readEvents(this.nats.url)).map(({ event }) => event);
    this.link.close();
    await this.nats.close();
    return events;
  }

  async #network(state: 'slow' | 'cut' | 'frozen'): Promise<void> {
    this.link.set(state);
    await pause(this.random.int(50, 800));
    this.link.set('open');
  }

  async #start(): Promise<void> {
    const child = new Publishing(folder, this.link.url, this.data, { first: this.#next });
    this.#child = child;
    this.#next += 1000;
    await until('it publishes', () => child.said().length > 0, 300).catch((cause: unknown) => {
      throw new Error(`it does not publish: ${child.errors}`, { cause });
    });
  }

  async #kill(): Promise<void> {
    await pause(this.random.int(0, 100));
    this.made.push(...(await this.#child.end('SIGKILL')));
  }
}

describe(`whatever happens, what was made arrives (SEED=${SEED})`, () => {
  const campaigns = Math.ceil(ROUNDS / ROUNDS_A_CAMPAIGN);
  test.concurrent.each(Array.from({ length: campaigns }, (_, i) => `${SEED}-${i + 1}`))(
    `campaign %s: at least once, once after dedupe on id, in order of revision, with its content`,
    async (seed) => {
      const campaign = await Campaign.begin(seed);
      const happened: string[] = [];
      for (let round = 0; round < ROUNDS_A_CAMPAIGN; round++) happened.push(await campaign.round());
      const got = await campaign.end();
      expectNothingLost(campaign.made, got, happened.join(', '));
      expect(campaign.made.length).toBeGreaterThan(ROUNDS_A_CAMPAIGN);
    },
    3_600_000,
  );
});
