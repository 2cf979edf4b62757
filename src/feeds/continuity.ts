import { NANOS_PER_SECOND, Resampler, SAMPLE_RATE_HZ, secondsBetween, type Nanos } from '../audio/index.js';
import { ChannelDelay } from './channel-delay.js';
import type { FeedCounters } from './counters.js';
import type { SoundBlock } from './feed.js';
import { endOf, splice, STAMP_TOLERANCE_SECONDS, type Disturbance, type Stretch } from './splice.js';

/** So many frames in a row that look old, but follow each other, are a sender whose clock went back. */
const RESTART_AFTER_FRAMES = 5;
const NANOS_PER_SAMPLE = NANOS_PER_SECOND / BigInt(SAMPLE_RATE_HZ);

/**
 * Makes one pole's frames into continuous 16 kHz sound: fills short gaps, drops what comes twice, breaks where the
 * sound or its clock is not continuous, resamples. Pure: no clock, no I/O.
 *
 * Times follow each frame's own stamp, so a drifting clock is followed without a break: the samples stay continuous,
 * only their times move.
 */
export class Continuity {
  readonly #pole: string;
  readonly #counters: FeedCounters;
  #last: Stretch | undefined;
  #refused: { last: Stretch; count: number } | undefined;
  #resampler: Resampler | undefined;
  #channels: ChannelDelay | undefined;
  /** Since the last break: input samples fed and output samples made. */
  #fed = 0;
  #made = 0;
  #breakPending = true;

  constructor(pole: string, counters: FeedCounters) {
    this.#pole = pole;
    this.#counters = counters;
  }

  /** The blocks that this stretch completes, in order; valid until the next call. */
  accept(next: Stretch): SoundBlock[] {
    const last = this.#last;
    if (!last) return this.#take(next, 0, 0);
    const how = splice(last, next);
    if (how.kind === 'drop') {
      if (!this.#isRestart(next)) {
        this.#counters.frameDropped(this.#pole, how.reason);
        return [];
      }
      return this.#afterBreak(next, 'restart');
    }
    if (how.kind === 'break') return this.#afterBreak(next, how.disturbance);
    if (how.disturbance) this.#counters.feedEvent(this.#pole, how.disturbance);
    return this.#take(next, how.fillSamples, how.skipSamples);
  }

  /** The end of the feed: the last few milliseconds that the resampler still held. */
  finish(): SoundBlock[] {
    const last = this.#last;
    if (!last || !this.#resampler) return [];
    const tail = this.#resampler.flush();
    const block = this.#block(last, endOf(last), tail, 0);
    this.wipe();
    return block ? [block] : [];
  }

  /** Zeroes and forgets all sound held; what comes next comes after a break. */
  wipe(): void {
    this.#last?.mono.fill(0);
    this.#resampler?.wipe();
    this.#channels?.wipe();
    this.#last = undefined;
    this.#refused = undefined;
    this.#resampler = undefined;
    this.#channels = undefined;
    this.#fed = 0;
    this.#made = 0;
    this.#breakPending = true;
  }

  #isRestart(next: Stretch): boolean {
    const before = this.#refused;
    const follows =
      before !== undefined &&
      ((next.sequence - before.last.sequence) | 0) === 1 &&
      Math.abs(secondsBetween(endOf(before.last), next.startNanos)) <= STAMP_TOLERANCE_SECONDS;
    const count = follows ? before.count + 1 : 1;
    // Of its sound only the length is needed.
    this.#refused = { last: { ...next, mono: new Float32Array(next.mono.length) }, count };
    return count >= RESTART_AFTER_FRAMES;
  }

  #afterBreak(next: Stretch, disturbance: Disturbance): SoundBlock[] {
    this.#counters.feedEvent(this.#pole, disturbance);
    return [...this.finish(), ...this.#take(next, 0, 0)];
  }

  #take(next: Stretch, fill: number, skip: number): SoundBlock[] {
    this.#refused = undefined;
    const rate = next.sampleRateHz;
    this.#resampler ??= new Resampler(rate);
    const gapAt = this.#fed;
    const input = spliced(next.mono, fill, skip);
    if (next.channels) {
      this.#channels ??= new ChannelDelay(next.channels.length);
      this.#channels.append(next.channels.map((channel) => spliced(channel, fill, skip)));
    }
    const output = this.#resampler.process(input);
    this.#fed += input.length;
    // The stamp is of the first sample sent, whether or not it was repeated; `#fed` stands at the last one.
    const end = endOf(next);
    const blocks: SoundBlock[] = [];
    // Filled samples lead their block, so what the resampler still held of the sound before the gap goes out first.
    const before = fill > 0 ? Math.min(output.length, outputsBefore(gapAt, rate) - this.#made) : 0;
    const rest = before > 0 ? this.#block(next, end, output.subarray(0, before), 0) : undefined;
    if (rest) blocks.push(rest);
    const filled =
      fill > 0 ? Math.min(output.length - before, outputsBefore(gapAt + fill, rate) - this.#made) : 0;
    const block = this.#block(next, end, before > 0 ? output.subarray(before) : output, filled);
    if (block) blocks.push(block);
    this.#remember(next);
    return blocks;
  }

  /** `end`: UTC just past the last input sample fed, by the clock of `stretch`. */
  #block(stretch: Stretch, end: Nanos, samples: Float32Array, filledSamples: number): SoundBlock | undefined {
    if (samples.length === 0) return undefined;
    const rate = stretch.sampleRateHz;
    const startNanos =
      rate === SAMPLE_RATE_HZ
        ? end - BigInt(this.#fed - this.#made) * NANOS_PER_SAMPLE
        : end -
          (BigInt(this.#fed) * NANOS_PER_SECOND + BigInt(rate) / 2n) / BigInt(rate) +
          BigInt(this.#made) * NANOS_PER_SAMPLE;
    this.#made += samples.length;
    const channels = this.#channels?.take(
      Math.min(this.#fed, Math.floor((this.#made * rate) / SAMPLE_RATE_HZ)),
    );
    const block: SoundBlock = {
      startNanos,
      clockUncertaintySeconds: stretch.clockUncertaintySeconds,
      samples,
      afterBreak: this.#breakPending,
      filledSamples,
      channels,
      channelRateHz: channels && rate,
    };
    this.#breakPending = false;
    return block;
  }

  /** Keeps a copy of the sound, to know a repeat by: the caller's buffer is used again. */
  #remember(next: Stretch): void {
    const buffer =
      this.#last?.mono.length === next.mono.length ? this.#last.mono : new Float32Array(next.mono.length);
    buffer.set(next.mono);
    // Spelt out: a spread or a delete here, ten times a second and pole, cost more than the copy.
    this.#last = {
      startNanos: next.startNanos,
      clockUncertaintySeconds: next.clockUncertaintySeconds,
      sampleRateHz: next.sampleRateHz,
      channelCount: next.channelCount,
      sequence: next.sequence,
      discontinuity: next.discontinuity,
      mono: buffer,
    };
  }
}

/** How many output samples stand before input sample `index` of a run. */
function outputsBefore(index: number, rateHz: number): number {
  return Math.ceil((index * SAMPLE_RATE_HZ) / rateHz);
}

function spliced(sound: Float32Array, fill: number, skip: number): Float32Array {
  if (fill === 0) return skip === 0 ? sound : sound.subarray(skip);
  const longer = new Float32Array(fill + sound.length);
  longer.set(sound, fill);
  return longer;
}
