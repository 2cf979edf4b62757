import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Nanos } from '../../audio/index.js';
import { AuReader } from './au-reader.js';
import { directArguments, relayedArguments, startFfmpeg, type FfmpegChild } from './ffmpeg.js';
import { PacketReader, type SoundPacket } from './packets.js';
import { RtpRelay } from './rtp-relay.js';
import { openRtsp, type RtpSession } from './rtsp-client.js';
import { loopbackSdp } from './sdp.js';
import { openSdp } from './sdp-session.js';
import { isFetchedByFfmpeg, kindOf, withoutStreamSecrets, type StreamSource } from './source.js';

const MAX_MESSAGE_LENGTH = 300;

/** `ended`: ffmpeg or the server went. `silent`: nothing came. `garbled`: what came is no sound. */
export type RestartReason = 'ended' | 'silent' | 'garbled';

export interface StreamEvents {
  /** `relay`: where the sender may tell the time of its packets. */
  onPacket(packet: SoundPacket, relay: RtpRelay | undefined): void;
  /** A new connection: its time line is another. */
  onConnecting(): void;
  /** The connection ended, and a next try follows. `problem` holds no secret. */
  onDown(reason: RestartReason, problem: string): void;
  /** A line of ffmpeg's, without secrets; as many as it likes. */
  onMessage(line: string): void;
}

export interface ConnectionOptions {
  source: StreamSource;
  events: StreamEvents;
  monotonicSeconds: () => number;
  nowNanos: () => Nanos;
}

/** One connection of a stream, from its first request to its end: a session where it is RTP, and one ffmpeg. */
export class Connection {
  readonly startedSeconds: number;
  firstSoundSeconds: number | undefined;
  lastSoundSeconds: number | undefined;
  failure: { reason: RestartReason; problem: string } | undefined;
  readonly #options: ConnectionOptions;
  readonly #down = new AbortController();
  #lastMessage = '';

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.startedSeconds = options.monotonicSeconds();
  }

  /** Resolves once nothing of it is left. */
  async run(): Promise<void> {
    const cleanups: Array<() => unknown> = [];
    try {
      const { child, relay } = await this.#open(cleanups);
      this.#read(child, relay, cleanups);
      const { code, problem } = await child.ended;
      const said = this.#lastMessage && `: ${this.#lastMessage}`;
      this.fail('ended', problem ?? `ffmpeg ended with ${code}${said}`);
    } catch (error) {
      this.fail('ended', withoutStreamSecrets((error as Error).message, this.#options.source));
    } finally {
      for (const cleanup of cleanups.reverse()) await cleanup();
    }
  }

  /** The first failure counts; all ends after it. */
  fail(reason: RestartReason, problem: string): void {
    this.failure ??= { reason, problem };
    this.#down.abort();
  }

  async #open(cleanups: Array<() => unknown>): Promise<{ child: FfmpegChild; relay?: RtpRelay }> {
    const { source } = this.#options;
    if (isFetchedByFfmpeg(source.url)) return { child: this.#start(directArguments(source), cleanups) };
    const relay = new RtpRelay(this.#options.nowNanos, (problem) => this.fail('ended', problem));
    cleanups.push(() => relay.close());
    const opening = openSession(source, relay);
    // Whoever answers only after we have given up is let go.
    cleanups.push(() =>
      opening.then(
        (session) => session.close(),
        () => {},
      ),
    );
    const session = await this.#orDown(opening);
    relay.describe(session.media, session.roundTripSeconds);
    void session.ended.then((problem) => this.fail('ended', problem));
    await this.#orDown(relay.firstPacket);
    const port = await relay.freePort();
    const child = this.#start(relayedArguments(), cleanups, loopbackSdp(session.media, port));
    void relay.forwardTo(port);
    return { child, relay };
  }

  #start(args: readonly string[], cleanups: Array<() => unknown>, stdin?: string): FfmpegChild {
    if (this.#down.signal.aborted) throw new Error('stopped');
    const child = startFfmpeg(args, stdin);
    cleanups.push(() => child.end());
    this.#down.signal.addEventListener('abort', () => void child.end(), { once: true });
    return child;
  }

  async #orDown<T>(wanted: Promise<T>): Promise<T> {
    const { signal } = this.#down;
    const down = new Promise<never>((_resolve, reject) => {
      if (signal.aborted) reject(new Error('stopped'));
      signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
    return Promise.race([wanted, down]);
  }

  #read(child: FfmpegChild, relay: RtpRelay | undefined, cleanups: Array<() => unknown>): void {
    const { events, monotonicSeconds, source } = this.#options;
    const onPacket = (packet: SoundPacket): void => {
      this.lastSoundSeconds = monotonicSeconds();
      this.firstSoundSeconds ??= this.lastSoundSeconds;
      events.onPacket(packet, relay);
    };
    const reader = kindOf(source.url) === 'http' ? new AuReader(onPacket) : new PacketReader(onPacket);
    cleanups.push(() => reader.wipe());
    const guarded = (take: () => void) => {
      if (this.#down.signal.aborted) return;
      try {
        take();
      } catch (error) {
        this.fail('garbled', (error as Error).message);
      }
    };
    child.sound.on('data', (chunk: Buffer) => guarded(() => reader.sound(chunk)));
    child.list.setEncoding('latin1').on('data', (text: string) => guarded(() => reader.list(text)));
    createInterface(child.messages).on('line', (line) => {
      this.#lastMessage = withoutStreamSecrets(line.slice(0, MAX_MESSAGE_LENGTH), source);
      if (!this.#down.signal.aborted) events.onMessage(this.#lastMessage);
    });
  }
}

async function openSession({ url, transport }: StreamSource, relay: RtpRelay): Promise<RtpSession> {
  const kind = kindOf(url);
  if (kind === 'rtsp') return openRtsp(url, transport, relay);
  return openSdp(kind === 'sdp_file' ? await readFile(url, 'utf8') : url, relay);
}
