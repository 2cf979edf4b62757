import type { Nanos } from '../../audio/index.js';
import { ClameurError, type Pole, type Site } from '../../config/index.js';
import type { FeedCounters } from '../counters.js';
import type { Feed, FeedListener, FeedShare, FeedState, SoundBlock } from '../feed.js';
import { PoleFeed } from '../pole-feed.js';
import { checkedPole } from './check-poles.js';
import { Backoff } from './backoff.js';
import { ArrivalClock } from './arrival-clock.js';
import { ffmpegVersion } from './ffmpeg.js';
import { Framer } from './framer.js';
import { LiveEdge } from './live-edge.js';
import { kindOf, shownSource, type StreamSource } from './source.js';
import type { RestartReason } from './connection.js';
import { Stream } from './stream.js';

export interface StreamCounters extends FeedCounters {
  /** A connection ended, and the next try follows: see RestartReason. */
  streamRestart(pole: string, reason: string): void;
}

export interface StreamFeedOptions {
  site: Site;
  /** One a pole at most. */
  sources: readonly StreamSource[];
  counters: StreamCounters;
  /** For instance a FloodLog: ffmpeg says what it likes. */
  log: { warn(key: string, fields: object, message: string): void };
  monotonicSeconds?: () => number;
  nowNanos?: () => Nanos;
}

interface Running {
  stream: Stream;
  feed: PoleFeed;
  framer: Framer;
}

const TICK_MILLIS = 250;
/** RTCP comes each 5 s or so; a sender that has told no time by then tells none. Once a start of the service. */
const DOUBT_TOLD_AFTER_SECONDS = 20;
const LONGEST_WAIT_FOR_SENDER_SECONDS = 2;

/** The live sound of poles that do not send frames, but have a stream to be fetched. */
export class StreamFeed implements Feed {
  readonly #options: StreamFeedOptions;
  readonly #running = new Map<string, Running>();
  readonly #sources: ReadonlyMap<string, { source: StreamSource; pole: Pole }>;
  #listener: FeedListener | undefined;
  #poles: readonly string[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Throws CONFIG_INVALID where a stream's pole is not as it should be, FFMPEG_MISSING where ffmpeg does not run. */
  constructor(options: StreamFeedOptions) {
    this.#options = options;
    this.#sources = new Map(
      options.sources.map((source) => [
        source.pole,
        { source, pole: checkedPole(source, options.site, options.sources) },
      ]),
    );
    if (options.sources.length > 0) checkFfmpeg(options.sources);
  }

  /** Resolves at once: a server that is away is a state of its feed, not of the service. */
  async start(listener: FeedListener): Promise<void> {
    this.#listener = listener;
    this.#timer = setInterval(() => this.#tick(), TICK_MILLIS);
    this.#timer.unref();
    await this.setPoles({ poles: this.#poles });
  }

  /** Changes which poles are listened to; those without a stream are passed over, and no stream is fetched twice. */
  async setPoles({ poles }: Pick<FeedShare, 'poles'>): Promise<void> {
    this.#poles = poles;
    if (!this.#listener) return;
    const wanted = new Set(poles ?? this.#sources.keys());
    const ending = [...this.#running.keys()].filter((pole) => !wanted.has(pole));
    for (const pole of wanted) if (this.#sources.has(pole) && !this.#running.has(pole)) this.#begin(pole);
    await Promise.all(ending.map((pole) => this.#end(pole)));
  }

  /** Resolves once no process is left and no sound is held. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#running.keys()].map((pole) => this.#end(pole)));
    this.#listener = undefined;
  }

  states(): Map<string, FeedState> {
    return new Map([...this.#running].map(([pole, { feed }]) => [pole, feed.state]));
  }

  #tick(): void {
    for (const { stream, feed } of this.#running.values()) {
      stream.tick();
      feed.tick();
    }
  }

  #begin(name: string): void {
    const { source, pole } = this.#sources.get(name)!;
    const { counters, log } = this.#options;
    const monotonicSeconds = this.#options.monotonicSeconds ?? (() => performance.now() / 1000);
    const nowNanos = this.#options.nowNanos ?? (() => BigInt(Date.now()) * 1_000_000n);
    const feed = new PoleFeed(pole, {
      counters,
      monotonicSeconds,
      nowNanos,
      onState: (state, reason) => this.#listener?.onState(name, state, reason),
    });
    const framer = new Framer();
    let clock = new ArrivalClock();
    let edge = new LiveEdge();
    let timeScale = 0;
    let doubtTold = false;
    const stream = new Stream({
      source,
      monotonicSeconds,
      nowNanos,
      // An SDP's sender is not asked for anything, and cannot be hurt by it.
      backoff: new Backoff(
        kindOf(source.url)?.startsWith('sdp') ? LONGEST_WAIT_FOR_SENDER_SECONDS : undefined,
      ),
      events: {
        onConnecting: () => {
          framer.wipe();
          clock = new ArrivalClock();
          edge = new LiveEdge();
        },
        onPacket: (packet, relay) => {
          const seconds = packet.samples.length / packet.channels / packet.sampleRateHz;
          if (!edge.isLive(monotonicSeconds(), seconds)) return;
          const wasSet = clock.arrived(packet.mediaSeconds + seconds, nowNanos());
          const scale = relay?.timeScale ?? 0;
          if (scale !== timeScale || (scale === 0 && wasSet)) framer.breakHere();
          timeScale = scale;
          if (
            scale === 0 &&
            relay?.doubt !== undefined &&
            packet.mediaSeconds > DOUBT_TOLD_AFTER_SECONDS &&
            !doubtTold
          ) {
            doubtTold = true;
            log.warn(
              `time ${name}`,
              { pole: name },
              `pole ${name} is heard, but not located with: ${relay.doubt}`,
            );
          }
          const frames = framer.add(packet, (at) => relay?.timeOf(at) ?? { startNanos: clock.nanosOf(at) });
          packet.samples.fill(0);
          for (const frame of frames) this.#deliver(name, feed, frame);
        },
        onDown: (reason: RestartReason, problem: string) => {
          counters.streamRestart(name, reason);
          feed.wipe();
          feed.fail(`${shownSource(source)}: ${problem}`);
        },
        onMessage: (line) => log.warn(`stream ${name}`, { pole: name }, `ffmpeg of pole ${name}: ${line}`),
      },
    });
    this.#running.set(name, { stream, feed, framer });
    this.#listener?.onState(name, 'waiting');
    stream.start();
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (!running) return;
    this.#running.delete(name);
    await running.stream.stop();
    running.framer.wipe();
    running.feed.wipe();
  }

  #deliver(name: string, feed: PoleFeed, frame: Uint8Array): void {
    for (const block of feed.accept('', frame, undefined)) void this.#give(name, block);
  }

  /** Live sound waits for nobody; a listener that throws stops no other pole. */
  async #give(name: string, block: SoundBlock): Promise<void> {
    try {
      await this.#listener?.onBlock(name, block);
    } catch (error) {
      this.#options.log.warn(
        name,
        { pole: name, err: error },
        `sound of pole ${name} was lost: ${String(error)}`,
      );
    }
  }
}

function checkFfmpeg(sources: readonly StreamSource[]): void {
  try {
    ffmpegVersion();
  } catch (cause) {
    const poles = sources.map(({ pole }) => pole).join(', ');
    throw new ClameurError('FFMPEG_MISSING', { poles, problem: (cause as Error).message }, { cause });
  }
}
