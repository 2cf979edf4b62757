import type { NatsConnection } from 'nats';
import { formatTime } from '../audio/index.js';
import { ClameurError } from '../config/index.js';
import { STREAMS, type CloudEvent, type Publisher, type Review } from '../publish/index.js';
import type { Logger, ReviewCounters } from '../telemetry/index.js';
import { parseVerdict, type RecordedVerdict, type VerdictRequest } from './verdict.js';
import { VerdictLog } from './verdict-log.js';

export interface ReviewerOptions {
  connection: NatsConnection;
  site: string;
  publisher: Publisher;
  /** The last event of an incident that the publisher has forgotten, from EVENTS; undefined where that holds none. */
  lastEvent: (incidentId: string) => Promise<CloudEvent | undefined>;
  counters: ReviewCounters;
  log: Logger;
  /** The zone of the site in which the incident lies. */
  zoneOf?: (event: CloudEvent) => string | undefined;
  /** After a verdict was stored and before it is answered. */
  onRecorded?: (verdict: RecordedVerdict) => void | Promise<void>;
}

/** Verdicts that may wait for their turn; people give no more, and what gives more must not fill the memory. */
const MOST_WAITING = 1_000;
/** How far back a verdict may lack its event: the process died between the two. */
const MEND_MILLIS = 24 * 3_600_000;
const EVENT_DAYS = Number(STREAMS.EVENTS.max_age) / 86_400e9;

/** Takes verdicts: stored first, then told to the hub as an `updated`, then answered. One at a time. */
export class Reviewer {
  readonly #options: ReviewerOptions;
  readonly #verdicts: VerdictLog;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: ReviewerOptions) {
    this.#options = options;
    this.#verdicts = new VerdictLog(options.connection, options.site);
  }

  /** What was recorded. Throws VERDICT_INVALID, INCIDENT_UNKNOWN or VERDICT_NOT_KEPT: then nothing counts. */
  async record(input: unknown): Promise<RecordedVerdict> {
    const request = parseVerdict(input);
    const { incidentId } = request;
    if (this.#waiting >= MOST_WAITING)
      throw new ClameurError('VERDICT_NOT_KEPT', { incidentId, problem: `${MOST_WAITING} others wait` });
    return this.#inTurn(async () => {
      const event = await this.#find(request.incidentId);
      if (!event) {
        const { site } = this.#options;
        throw new ClameurError('INCIDENT_UNKNOWN', {
          incidentId: request.incidentId,
          site,
          days: EVENT_DAYS,
        });
      }
      const before = event.data.review && (await this.#verdicts.last(request.incidentId));
      if (before && sameWords(before, request)) return before;
      const verdict = this.#recorded(request, event);
      await this.#verdicts.append(verdict);
      this.#options.counters.verdict(verdict.incident.class, verdict.verdict);
      await this.#tell(verdict, event);
      await this.#options.onRecorded?.(verdict);
      return verdict;
    });
  }

  /** Tells of verdicts that were stored by a process that died before it could tell; gives their number. */
  mend(): Promise<number> {
    return this.#inTurn(async () => {
      const latest = new Map<string, RecordedVerdict>();
      for (const verdict of await this.#verdicts.since(new Date(Date.now() - MEND_MILLIS)))
        latest.set(verdict.incidentId, verdict);
      let mended = 0;
      for (const verdict of latest.values()) {
        const event = await this.#find(verdict.incidentId);
        if (!event || (event.data.review?.at ?? '') >= verdict.at) continue;
        await this.#tell(verdict, event);
        mended++;
      }
      return mended;
    });
  }

  async #find(incidentId: string): Promise<CloudEvent | undefined> {
    const { publisher, lastEvent, log } = this.#options;
    const known = publisher.lastOf(incidentId);
    if (known) return known;
    return lastEvent(incidentId).catch((cause: unknown) => {
      log.warn({ err: cause, incidentId }, 'EVENTS could not be searched for the incident of a verdict');
      const problem = `EVENTS cannot be read: ${(cause as Error).message}`;
      throw new ClameurError('VERDICT_NOT_KEPT', { incidentId, problem }, { cause });
    });
  }

  #recorded(request: VerdictRequest, event: CloudEvent): RecordedVerdict {
    const { data } = event;
    const zone = this.#options.zoneOf?.(event);
    const nearest = data.poles.at(0);
    return {
      ...request,
      at: formatTime(BigInt(Date.now()) * 1_000_000n),
      site: this.#options.site,
      incident: {
        class: data.class,
        onset: data.onset,
        confidence: data.confidence,
        revision: data.revision,
        ...(nearest && { pole: nearest.pole, score: nearest.score }),
        polesHeard: data.polesHeard,
        ...(zone !== undefined && { zone }),
        exercise: data.exercise,
      },
    };
  }

  /** The verdict is stored: where its event cannot be put on disk now, the next start's `mend` tells it. */
  async #tell({ verdict, reason, at, incidentId }: RecordedVerdict, event: CloudEvent): Promise<void> {
    const { publisher, site, log } = this.#options;
    const review: Review = { state: verdict, ...(reason !== undefined && { reason }), at };
    await publisher.publishReview(event, review, site).catch((err: unknown) => {
      log.error({ err, incidentId }, 'a verdict is stored, but its event could not be kept');
    });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(task, task).finally(() => this.#waiting--);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** A request that is sent again because its answer was lost is one verdict. */
function sameWords(before: RecordedVerdict, request: VerdictRequest): boolean {
  return (['verdict', 'reason', 'operator', 'note'] as const).every((key) => before[key] === request[key]);
}
