import { secondsBetween, secondsToNanos, type Nanos } from '../audio/index.js';

/** A stretch of one pole's sound as it came, mixed to mono, at its own rate. */
export interface Stretch {
  startNanos: Nanos;
  /** 1σ; absent = unknown. */
  clockUncertaintySeconds?: number | undefined;
  sampleRateHz: number;
  channelCount: number;
  /** u32, wraps. */
  sequence: number;
  discontinuity: boolean;
  mono: Float32Array;
  /** Only where the site gives microphones. */
  channels?: readonly Float32Array[] | undefined;
}

/** Frames that are not used. `late`: overtaken by newer ones. */
export type DropReason = 'duplicate' | 'late';

/**
 * What was not as it should be between two frames that are used. All but `gap_filled`, `overlap`, `sequence_skip`
 * and `sequence_reset` are breaks.
 */
export type Disturbance =
  | 'gap_filled'
  | 'gap'
  | 'overlap'
  | 'clock_step'
  | 'discontinuity'
  | 'rate_change'
  | 'channels_change'
  | 'sequence_skip'
  | 'sequence_reset'
  | 'restart';

export type Splice =
  | { kind: 'join'; fillSamples: number; skipSamples: number; disturbance?: Disturbance | undefined }
  | { kind: 'break'; disturbance: Disturbance }
  | { kind: 'drop'; reason: DropReason };

/** Longest gap that is filled with silence. */
export const MAX_FILL_SECONDS = 1;
/**
 * How far a frame's time may lie from where the one before it ended, no frame missing between: stamps taken when a sound
 * card hands over a buffer jitter by some milliseconds, and a slewed clock is no step. The new stamp holds.
 */
export const STAMP_TOLERANCE_SECONDS = 0.02;
/** With frames missing, anything longer than this is a hole. */
const GAP_TOLERANCE_SECONDS = 0.002;

/** How `next` follows `last`, by sequence number and time; sound is looked at only to tell an overlap from a step. */
export function splice(last: Stretch, next: Stretch): Splice {
  const lastEnd = endOf(last);
  const aheadSeconds = secondsBetween(lastEnd, next.startNanos);
  // Signed 32-bit difference: right across the wrap.
  const steps = (next.sequence - last.sequence) | 0;
  if (steps <= 0 && secondsBetween(lastEnd, endOf(next)) <= STAMP_TOLERANCE_SECONDS) {
    return { kind: 'drop', reason: steps === 0 ? 'duplicate' : 'late' };
  }
  if (next.discontinuity) return { kind: 'break', disturbance: 'discontinuity' };
  if (next.sampleRateHz !== last.sampleRateHz) return { kind: 'break', disturbance: 'rate_change' };
  if (next.channelCount !== last.channelCount) return { kind: 'break', disturbance: 'channels_change' };
  if (steps <= 0) {
    return Math.abs(aheadSeconds) <= STAMP_TOLERANCE_SECONDS
      ? join(0, 0, 'sequence_reset')
      : { kind: 'break', disturbance: 'restart' };
  }
  return steps === 1 ? afterNeighbour(last, next, aheadSeconds) : afterMissing(next, aheadSeconds);
}

function afterNeighbour(last: Stretch, next: Stretch, aheadSeconds: number): Splice {
  if (Math.abs(aheadSeconds) <= STAMP_TOLERANCE_SECONDS) return join(0, 0);
  const repeated = Math.round(-aheadSeconds * next.sampleRateHz);
  if (repeats(last.mono, next.mono, repeated)) return join(0, repeated, 'overlap');
  return { kind: 'break', disturbance: 'clock_step' };
}

function afterMissing(next: Stretch, aheadSeconds: number): Splice {
  if (Math.abs(aheadSeconds) <= GAP_TOLERANCE_SECONDS) return join(0, 0, 'sequence_skip');
  if (aheadSeconds > MAX_FILL_SECONDS) return { kind: 'break', disturbance: 'gap' };
  if (aheadSeconds > 0) return join(Math.round(aheadSeconds * next.sampleRateHz), 0, 'gap_filled');
  const repeated = Math.round(-aheadSeconds * next.sampleRateHz);
  if (repeated < next.mono.length) return join(0, repeated, 'overlap');
  return { kind: 'break', disturbance: 'clock_step' };
}

function join(fillSamples: number, skipSamples: number, disturbance?: Disturbance): Splice {
  return { kind: 'join', fillSamples, skipSamples, disturbance };
}

export function endOf(stretch: Stretch): Nanos {
  return stretch.startNanos + secondsToNanos(stretch.mono.length / stretch.sampleRateHz);
}

/** Whether the first `count` of `next` are the last `count` of `last`, and not mere silence. */
function repeats(last: Float32Array, next: Float32Array, count: number): boolean {
  if (count <= 0 || count >= next.length || count > last.length) return false;
  let varied = false;
  for (let i = 0, at = last.length - count; i < count; i++, at++) {
    if (next[i] !== last[at]) return false;
    varied ||= next[i] !== next[0];
  }
  return varied;
}
