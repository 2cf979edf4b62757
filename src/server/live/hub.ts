import type { Response } from 'express';
import { ClameurError } from '../../config/index.js';
import type { PoleStatus, ServiceState } from '../state.js';

const MOST_VIEWERS = 200;
const EVERY_MILLIS = 1000;
/** A browser comes again by itself, and then shows anew that it may look. */
const LONGEST_MILLIS = 15 * 60_000;
/** What a viewer has not taken by then is told to nobody: it comes again and asks anew. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

const NEWS_MILLIS = 60_000;

interface Viewer {
  response: Response;
  sinceMillis: number;
}

/**
 * What happens, as server-sent events, to everyone who looks: `hello` at first, `poles` (all at first, then those that
 * changed), `levels` once a second, `incident` with each event, `ready` when that changes. Works only while somebody
 * looks, and makes each text once for all.
 */
export class LiveHub {
  readonly #state: ServiceState;
  readonly #viewers = new Set<Viewer>();
  #timer: NodeJS.Timeout | undefined;
  #unfollow: (() => void) | undefined;
  #known = new Map<string, string>();
  #ready = '';

  constructor(state: ServiceState) {
    this.#state = state;
  }

  /** Throws TOO_MANY_VIEWERS. */
  join(response: Response): void {
    if (this.#viewers.size >= MOST_VIEWERS)
      throw new ClameurError('TOO_MANY_VIEWERS', { count: MOST_VIEWERS });
    const viewer: Viewer = { response, sinceMillis: Date.now() };
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no',
    });
    const { version, site, exercise, tiles } = this.#state;
    const poles = this.#state.poles();
    response.write(
      message('hello', { version, site: site.site, exercise, tiles, now: new Date().toISOString() }),
    );
    response.write(message('ready', this.#state.ready()));
    response.write(message('poles', { poles }));
    this.#viewers.add(viewer);
    response.once('close', () => this.#leave(viewer));
    this.#timer ??= setInterval(() => this.#tick(), EVERY_MILLIS);
    const { index } = this.#state.history;
    // What was there before the start is no news, and there may be a hundred thousand of it.
    this.#unfollow ??= index.follow((event, storedMillis) => {
      if (index.complete || Date.now() - storedMillis < NEWS_MILLIS) this.#tell('incident', event);
    });
    if (this.#known.size === 0) for (const pole of poles) this.#known.set(pole.pole, essence(pole));
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#unfollow?.();
    this.#timer = this.#unfollow = undefined;
    this.#known.clear();
  }

  #tick(): void {
    const now = Date.now();
    for (const { response, sinceMillis } of this.#viewers)
      if (now - sinceMillis > LONGEST_MILLIS) response.end();
    const poles = this.#state.poles();
    const changed = poles.filter((pole) => this.#known.get(pole.pole) !== essence(pole));
    for (const pole of changed) this.#known.set(pole.pole, essence(pole));
    if (changed.length > 0) this.#tell('poles', { poles: changed });
    this.#tell('levels', {
      at: new Date(now).toISOString(),
      levelsDb: poles.map(({ levelDb }) => levelDb ?? null),
      agesSeconds: poles.map(({ lastFrameAgeSeconds: age }) =>
        age === undefined ? null : Math.round(age * 10) / 10,
      ),
    });
    const ready = JSON.stringify(this.#state.ready());
    if (ready !== this.#ready) this.#tell('ready', this.#state.ready());
    this.#ready = ready;
  }

  #tell(name: string, data: unknown): void {
    const text = message(name, data);
    for (const { response } of this.#viewers) {
      if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
      else response.write(text);
    }
  }
}

/** What must be told at once; levels and ages come by themselves. */
function essence({
  state,
  reason,
  clockUncertaintySeconds,
  framesDropped,
  noiseFloorDb,
}: PoleStatus): string {
  const clock = clockUncertaintySeconds?.toPrecision(1);
  const floor = noiseFloorDb === undefined ? '' : Math.round(noiseFloorDb);
  return `${state} ${reason} ${clock} ${framesDropped} ${floor}`;
}

function message(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
