import type { Logger } from '../telemetry/index.js';
import type { ClaimBucket } from './bucket.js';
import { nextClaimState, type ClaimEvent, type ClaimState } from './claim-state.js';
import { LEASE_SECONDS } from './lease-book.js';

/** Renewed so often; unsure so long after the last renewal was sent: a second before anyone else may take it. */
const RENEW_SECONDS = 1;
const FENCE_SECONDS = 2;

/** What lies under the key. */
export interface ClaimValue {
  process: string;
  /** The outbox it writes to: only one process at a time can, so who has it may take the claim of its predecessor. */
  outbox: string;
}

export interface SiteClaimOptions {
  bucket: ClaimBucket;
  site: string;
  process: string;
  outbox: string;
  /** Told after each change, with what it was before. */
  onState: (state: ClaimState, before: ClaimState) => void;
  log: Logger;
  /** Monotonic. */
  nowSeconds: () => number;
}

/**
 * The one key a site that says who locates for it. Taken and renewed by compare-and-set on its revision; whether another
 * lives is judged by this process's own clock, so nobody's UTC matters.
 */
export class SiteClaim {
  readonly #options: SiteClaimOptions;
  readonly #key: string;
  #state: ClaimState = 'waiting';
  #revision: number | undefined;
  #sureUntil = -Infinity;
  #renewAt = -Infinity;
  #busy: Promise<void> | undefined;
  #handedOver = false;
  #seen: { revision: number; sinceSeconds: number; value: ClaimValue } | undefined;

  constructor(options: SiteClaimOptions) {
    this.#options = options;
    this.#key = `locator.${options.site}`;
  }

  get state(): ClaimState {
    return this.#state;
  }

  /** Who had the claim before gave it up by itself, with all it had decided told; false where it died. */
  get handedOver(): boolean {
    return this.#handedOver;
  }

  /** Whether an event may leave this process now. One without the claim sends only what it decided while it had it. */
  get maySend(): boolean {
    if (this.#state === 'lost') return false;
    return this.#revision === undefined || this.#options.nowSeconds() < this.#sureUntil;
  }

  /** Does what is due; call it a few times a second. `ready`: this process could take over now. */
  async step(ready: boolean): Promise<void> {
    this.#fence();
    if (this.#busy) return;
    this.#busy = this.#act(ready)
      .catch((err: unknown) => this.#options.log.debug({ err }, 'the claim could not be looked at'))
      .finally(() => (this.#busy = undefined));
    await this.#busy;
  }

  /** Begins to hand over: from now on nothing new is decided here. The claim is kept until `released`. */
  release(): void {
    this.#to('release');
  }

  /** Hands over: the name is taken out, and a standby need not wait. */
  async released(): Promise<void> {
    await this.#busy;
    if (this.#revision !== undefined) {
      const there = await this.#options.bucket.get<ClaimValue>(this.#key).catch(() => undefined);
      if (typeof there === 'object' && there.value.process === this.#options.process)
        await this.#options.bucket.delete(this.#key).catch(() => undefined);
    }
    this.#revision = undefined;
    this.#to('released');
  }

  #fence(): void {
    if (this.#state === 'holding' && this.#options.nowSeconds() >= this.#sureUntil) {
      this.#options.log.warn('the claim on the site could not be renewed in time; events are kept, not sent');
      this.#to('fenced');
    }
  }

  async #act(ready: boolean): Promise<void> {
    const now = this.#options.nowSeconds();
    if (this.#state === 'waiting') {
      const free = await this.#look();
      if (!free || !ready || this.#state !== 'waiting') return;
      this.#to('free');
      await this.#take(this.#seen?.revision);
    } else if (this.#state === 'claiming') this.#to('refused');
    else if (this.#state === 'lost' || now >= this.#renewAt) await this.#take(this.#revision);
  }

  /** Whether the key is anyone's to take. */
  async #look(): Promise<boolean> {
    const { bucket, nowSeconds, process, outbox } = this.#options;
    const there = await bucket.get<ClaimValue>(this.#key);
    if (typeof there !== 'object') {
      // Given back by who had it, or run out since: what that one could not send any more is still to come then.
      if (there === 'deleted') this.#handedOver = true;
      this.#seen = undefined;
      return true;
    }
    const { revision, value } = there;
    if (this.#seen?.revision !== revision) this.#seen = { revision, value, sinceSeconds: nowSeconds() };
    const ours = value.process === process || value.outbox === outbox;
    this.#handedOver = ours;
    return ours || nowSeconds() - this.#seen.sinceSeconds >= LEASE_SECONDS;
  }

  async #take(revision: number | undefined): Promise<void> {
    const { bucket, process, outbox, nowSeconds } = this.#options;
    const sent = nowSeconds();
    const value: ClaimValue = { process, outbox };
    let stored = await bucket.swap(this.#key, value, revision);
    if (stored === undefined) {
      // Another's name, or ours from a renewal whose answer was lost, or none any more.
      const there = await bucket.get<ClaimValue>(this.#key);
      if (typeof there !== 'object') stored = await bucket.swap(this.#key, value, undefined);
      else if (there.value.process === process) stored = await bucket.swap(this.#key, value, there.revision);
    }
    if (stored === undefined) {
      this.#revision = undefined;
      this.#to('refused');
      return;
    }
    this.#revision = stored;
    this.#sureUntil = sent + FENCE_SECONDS;
    this.#renewAt = sent + RENEW_SECONDS;
    this.#to('granted');
  }

  #to(event: ClaimEvent): void {
    const before = this.#state;
    this.#state = nextClaimState(before, event);
    if (this.#state !== before) this.#options.onState(this.#state, before);
  }
}
