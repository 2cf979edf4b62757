import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuReader } from './au-reader.js';
import { Backoff } from './backoff.js';
import { ffmpegArguments, startFfmpeg, tellsTime, type FfmpegChild } from './ffmpeg.js';
import { PacketReader, type SoundPacket } from './packets.js';
import { kindOf, withoutStreamSecrets, type StreamSource } from './source.js';

/** No first sound for so long after the start: a server that accepts and says nothing. */
const FIRST_SOUND_SECONDS = 15;
/** No sound for so long after that: the connection is dead, whatever the process thinks. */
const SILENT_SECONDS = 5;
const MAX_MESSAGE_LENGTH = 300;

/** `ended`: ffmpeg went. `silent`: it brought nothing. `garbled`: what it brought is no sound. */
export type RestartReason = 'ended' | 'silent' | 'garbled';

export interface StreamEvents {
  onPacket(packet: SoundPacket): void;
  /** A new connection: its time line is another. */
  onConnecting(): void;
  /** The connection ended, and a next try follows. `problem` holds no secret. */
  onDown(reason: RestartReason, problem: string): void;
  /** A line of ffmpeg's, without secrets; as many as it likes. */
  onMessage(line: string): void;
}

export interface StreamOptions {
  source: StreamSource;
  events: StreamEvents;
  monotonicSeconds: () => number;
  backoff?: Backoff;
}

/** Keeps one stream running: one ffmpeg at a time, watched by the bytes that it brings, started anew when it fails. */
export class Stream {
  readonly #options: StreamOptions;
  readonly #stopped = new AbortController();
  readonly #backoff: Backoff;
  #child: FfmpegChild | undefined;
  #running: Promise<void> | undefined;
  #startedSeconds = 0;
  #firstSoundSeconds: number | undefined;
  #lastSoundSeconds: number | undefined;
  #failure: { reason: RestartReason; problem: string } | undefined;
  #lastMessage = '';

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves once no process is left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#child?.end();
    await this.#running;
  }

  /** The watchdog; call it a few times a second. */
  tick(): void {
    if (!this.#child || this.#failure) return;
    const since = this.#lastSoundSeconds ?? this.#startedSeconds;
    const allowed = this.#lastSoundSeconds === undefined ? FIRST_SOUND_SECONDS : SILENT_SECONDS;
    if (this.#options.monotonicSeconds() - since < allowed) return;
    this.#fail('silent', `no sound for ${allowed} s`);
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#connection();
      if (this.#stopped.signal.aborted) return;
      const now = this.#options.monotonicSeconds();
      const held = this.#firstSoundSeconds === undefined ? 0 : now - this.#firstSoundSeconds;
      const { reason, problem } = this.#failure!;
      this.#options.events.onDown(reason, problem);
      const wait = this.#backoff.nextSeconds(held);
      await sleep(wait * 1000, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }

  /** From the start of one ffmpeg to its end. */
  async #connection(): Promise<void> {
    const { source, events, monotonicSeconds } = this.#options;
    this.#failure = undefined;
    this.#lastMessage = '';
    this.#firstSoundSeconds = this.#lastSoundSeconds = undefined;
    const sdp = await sdpOf(source).catch((error: Error) => error);
    if (sdp instanceof Error) return void (this.#failure = { reason: 'ended', problem: sdp.message });
    if (this.#stopped.signal.aborted) return;
    events.onConnecting();
    this.#startedSeconds = monotonicSeconds();
    const child = (this.#child = startFfmpeg(ffmpegArguments(source), sdp));
    const Reader = tellsTime(source) ? PacketReader : AuReader;
    const reader = new Reader((packet) => {
      this.#lastSoundSeconds = monotonicSeconds();
      this.#firstSoundSeconds ??= this.#lastSoundSeconds;
      events.onPacket(packet);
    });
    this.#read(child, reader);
    const { code, problem } = await child.ended;
    this.#child = undefined;
    reader.wipe();
    const said = this.#lastMessage && `: ${this.#lastMessage}`;
    this.#failure ??= { reason: 'ended', problem: problem ?? `ffmpeg ended with ${code}${said}` };
  }

  #read(child: FfmpegChild, reader: PacketReader | AuReader): void {
    const guarded = (take: () => void) => {
      if (this.#failure || this.#stopped.signal.aborted) return;
      try {
        take();
      } catch (error) {
        this.#fail('garbled', (error as Error).message);
      }
    };
    child.sound.on('data', (chunk: Buffer) => guarded(() => reader.sound(chunk)));
    child.list.setEncoding('latin1').on('data', (text: string) => guarded(() => reader.list(text)));
    createInterface(child.messages).on('line', (line) => {
      const safe = withoutStreamSecrets(line.slice(0, MAX_MESSAGE_LENGTH), this.#options.source);
      this.#lastMessage = safe;
      if (!this.#stopped.signal.aborted) this.#options.events.onMessage(safe);
    });
  }

  #fail(reason: RestartReason, problem: string): void {
    const said = this.#lastMessage && `; ffmpeg says: ${this.#lastMessage}`;
    this.#failure = { reason, problem: problem + said };
    void this.#child?.end();
  }
}

/** What ffmpeg reads on its standard input, where the stream is described by an SDP. Read anew for each connection. */
async function sdpOf({ url }: StreamSource): Promise<string | undefined> {
  const kind = kindOf(url);
  if (kind === 'sdp_text') return url;
  return kind === 'sdp_file' ? readFile(url, 'utf8') : undefined;
}
