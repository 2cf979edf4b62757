import { setTimeout } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { encodeFrame, secondsToNanos, type Nanos } from '../audio/index.js';
import { openRecording, type Scene } from '../feeds/index.js';

/** Usual length of a frame. */
const FRAME_SECONDS = 0.1;

export interface PlayOptions {
  /** The scene's first sample is sent as if it were heard at this time (milliseconds since 1970). Default: its own. */
  startAtMillis?: number;
  /** Times real speed; Infinity: as fast as it goes. Default 1. */
  speed?: number;
  /** `exercise`: feeds of their own, whose events say so. Default `audio`. */
  prefix?: 'audio' | 'exercise';
  onProgress?: (sentSeconds: number, totalSeconds: number) => void;
  signal?: AbortSignal;
}

interface Track {
  subject: string;
  sampleRateHz: number;
  channels: readonly Float32Array[];
  /** Of the first sample, as sent. */
  startNanos: Nanos;
  /** Of the first sample after the scene's. */
  offsetSeconds: number;
  clockUncertaintySeconds?: number;
}

/**
 * The reference sender: plays a scene into NATS as live feeds, in frames of 100 ms, each as soon as its last sample
 * would have been heard. Recordings of 16 bits arrive exactly (they are scaled by 32768 both ways).
 */
export async function playScene(
  connection: Pick<NatsConnection, 'publish' | 'flush'>,
  scene: Scene,
  options: PlayOptions = {},
): Promise<void> {
  const { speed = 1, onProgress, signal } = options;
  const tracks = await loadTracks(scene, options);
  const totalSeconds = Math.max(...tracks.map((track) => track.offsetSeconds + secondsOf(track)));
  const begin = Date.now();
  const wait = options.startAtMillis === undefined ? 0 : Math.max(0, options.startAtMillis - begin);
  for (let step = 0; step * FRAME_SECONDS < totalSeconds; step++) {
    const dueMillis = begin + wait + ((step + 1) * FRAME_SECONDS * 1000) / speed;
    const rest = dueMillis - Date.now();
    if (rest > 0) await sleep(rest, signal);
    if (signal?.aborted) return;
    for (const track of tracks) sendFrame(connection, track, step);
    onProgress?.(Math.min(totalSeconds, (step + 1) * FRAME_SECONDS), totalSeconds);
    if (speed === Infinity || step % 50 === 49) await connection.flush();
  }
  await connection.flush();
}

async function loadTracks(scene: Scene, options: PlayOptions): Promise<Track[]> {
  const first = scene.recordings.map(({ startNanos }) => startNanos).reduce((a, b) => (b < a ? b : a));
  const shift =
    options.startAtMillis === undefined ? 0n : BigInt(Math.round(options.startAtMillis)) * 1_000_000n - first;
  const tracks: Track[] = [];
  for (const { pole, file, startNanos, clockUncertaintySeconds } of scene.recordings) {
    const recording = await openRecording(file);
    const pieces: Float32Array[][] = [];
    for await (const piece of recording.pieces()) pieces.push(piece);
    tracks.push({
      subject: `${options.prefix ?? 'audio'}.${scene.site.site}.${pole}`,
      sampleRateHz: recording.sampleRateHz,
      channels: pieces[0].map((_, c) => join(pieces.map((piece) => piece[c]))),
      startNanos: startNanos + shift,
      offsetSeconds: Number(startNanos - first) / 1e9,
      ...(clockUncertaintySeconds !== undefined && { clockUncertaintySeconds }),
    });
  }
  return tracks;
}

/** Sends the samples of `track` that fall into step `step` of the scene; none before it begins or after it ends. */
function sendFrame(connection: Pick<NatsConnection, 'publish'>, track: Track, step: number): void {
  const { sampleRateHz, channels, clockUncertaintySeconds } = track;
  const edge = (at: number) => Math.round((at * FRAME_SECONDS - track.offsetSeconds) * sampleRateHz);
  const from = Math.max(0, edge(step));
  const to = Math.min(channels[0].length, edge(step + 1));
  if (to <= from) return;
  connection.publish(
    track.subject,
    encodeFrame({
      encoding: 'int16',
      sampleRateHz,
      sequence: step,
      startNanos: track.startNanos + secondsToNanos(from / sampleRateHz),
      ...(clockUncertaintySeconds !== undefined && { clockUncertaintySeconds }),
      channels: channels.map((channel) => channel.subarray(from, to)),
    }),
  );
}

function secondsOf(track: Track): number {
  return track.channels[0].length / track.sampleRateHz;
}

function join(pieces: readonly Float32Array[]): Float32Array {
  if (pieces.length === 1) return pieces[0];
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Until then, or until the signal comes. */
async function sleep(millis: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(millis, undefined, { signal }).catch(() => undefined);
}
