import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { NatsConnection } from 'nats';
import {
  Board,
  ClaimBucket,
  PoleShare,
  SiteClaim,
  type ClaimState,
  type OtherProcess,
  type ProcessLease,
  type Share,
} from '../claims/index.js';
import type { Site } from '../config/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

export type Role = ProcessLease['role'];

const CLAIM_MILLIS = 250;
/** Of the 10 s that SIGTERM gives, what the others may take to take over this one's poles. */
const LEAVE_SECONDS = 3;
const nowSeconds = (): number => performance.now() / 1000;

/** Made anew at each start: what an earlier run said under its name is another's. */
export function processName(role: Role): string {
  return `${role}-${randomBytes(4).toString('hex')}`;
}

export interface MembershipOptions {
  connection: NatsConnection;
  site: Site;
  role: Role;
  process: string;
  /** The name of the outbox, where this process locates. */
  outbox?: string;
  /** Which poles to hear from now on (undefined: all), and of which to keep the last seconds. */
  onPoles: (poles: ReadonlySet<string> | undefined, share: Share) => Promise<void>;
  /** After each look at who is there. */
  onOthers: (others: readonly ProcessLease[]) => void;
  onClaim: (state: ClaimState, before: ClaimState, handedOver: boolean) => void;
  /** Whether this process knows enough to take over. */
  mayClaim: () => boolean;
  metrics: Metrics;
  log: Logger;
  /** Copies of the claims' bucket; see ensureStreams. */
  replicas: number;
}

/** This process among the others of its site: its lease, its share of the poles, its claim to locate. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #board: Board;
  readonly #claim: SiteClaim | undefined;
  readonly #share: PoleShare;
  #poles: ReadonlySet<string> = new Set();
  #standsBy: ReadonlySet<string> = new Set();
  #leaving = false;
  #claimTimer: NodeJS.Timeout | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { connection, site, process, outbox, log, role } = options;
    const bucket = new ClaimBucket(connection, options.replicas);
    const recorded = site.poles.filter((pole) => pole.recorded).map(({ pole }) => pole);
    this.#share = new PoleShare(process, recorded);
    this.#board = new Board({
      connection,
      bucket,
      self: () => this.#lease(),
      onLook: (others) => this.#look(others),
      log,
      nowSeconds,
    });
    if (role !== 'listen' && outbox !== undefined)
      this.#claim = new SiteClaim({
        bucket,
        site: site.site,
        process,
        outbox,
        onState: (state, before) => this.#claimed(state, before),
        log,
        nowSeconds,
      });
    if (this.#claim) options.metrics.claim(this.#claim.state);
  }

  /** Resolves when the others are known and the first share is heard. */
  async start(): Promise<void> {
    await this.#board.start();
    await this.#changing;
    this.#claimTimer = setInterval(() => void this.#claim?.step(this.#options.mayClaim()), CLAIM_MILLIS);
    await this.#claim?.step(this.#options.mayClaim());
  }

  get others(): readonly OtherProcess[] {
    return this.#board.others;
  }

  /** The leases cannot be read or renewed: this process neither shares nor locates as it should. */
  get failing(): boolean {
    return this.#board.failing;
  }

  get claim(): ClaimState | undefined {
    return this.#claim?.state;
  }

  get maySend(): boolean {
    return this.#claim?.maySend ?? true;
  }

  get poles(): ReadonlySet<string> {
    return this.#poles;
  }

  /** Lets the others take this one's poles; resolves when they have them, or will not. */
  async leave(): Promise<void> {
    this.#leaving = true;
    if (this.#options.role === 'locate' || listeners(this.others).length === 0) return;
    this.#board.tellChanges();
    const end = nowSeconds() + LEAVE_SECONDS;
    while (this.#poles.size > 0 && nowSeconds() < end && listeners(this.others).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      this.#hear(this.others);
    }
    await this.#changing;
  }

  /** Nothing new is told from here: a standby is about to take over. */
  release(): void {
    this.#claim?.release();
  }

  /** Hands over the claim, and takes this process off the board. */
  async stop(): Promise<void> {
    clearInterval(this.#claimTimer);
    await this.#claim?.released();
    await this.#board.stop();
  }

  #lease(): ProcessLease {
    const { site, role, process, outbox } = this.#options;
    return {
      process,
      site: site.site,
      role,
      host: hostname(),
      poles: role === 'locate' ? [] : [...this.#poles],
      leaving: this.#leaving,
      ...(this.#claim && { claim: this.#claim.state }),
      ...(outbox !== undefined && { outbox }),
    };
  }

  #look(others: readonly OtherProcess[]): void {
    const { metrics, role } = this.#options;
    metrics.processes([role, ...others.map((other) => other.role)]);
    this.#options.onOthers(others);
    this.#hear(others);
  }

  #hear(others: readonly OtherProcess[]): void {
    if (this.#options.role === 'locate') return;
    const sharing = listeners(others);
    const share = this.#share.next(sharing, nowSeconds(), this.#leaving);
    const { hears: poles, rescued, standsBy } = share;
    if (this.#poles.size > 0 && isSame(poles, this.#poles) && isSame(standsBy, this.#standsBy)) return;
    this.#poles = poles;
    this.#standsBy = standsBy;
    const all = poles.size === this.#options.site.poles.filter(({ recorded }) => recorded).length;
    this.#options.metrics.polesHeard(poles.size);
    this.#options.log.info(
      { poles: poles.size, standsBy: standsBy.size, rescued: rescued.size, processes: sharing.length + 1 },
      'share of the poles',
    );
    this.#changing = this.#changing
      .then(() => this.#options.onPoles(all ? undefined : poles, share))
      .catch((err: unknown) => this.#options.log.error({ err }, 'the poles could not be changed'))
      .then(() => this.#board.tellChanges());
  }

  #claimed(state: ClaimState, before: ClaimState): void {
    const { metrics, log, onClaim } = this.#options;
    metrics.claim(state);
    log.info({ claim: state, before }, 'claim on the site');
    onClaim(state, before, this.#claim?.handedOver ?? false);
    this.#board.tellChanges();
  }
}

function listeners(others: readonly OtherProcess[]): OtherProcess[] {
  return others.filter(({ role }) => role !== 'locate');
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((pole) => other.has(pole));
}
