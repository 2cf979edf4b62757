import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Continuity } from '../../src/feeds/continuity.js';
import type { SoundBlock } from '../../src/feeds/index.js';
import type { Stretch } from '../../src/feeds/splice.js';
import { Tally } from './tally.js';

const T0 = 1_777_672_845_000_000_000n;

/** A pole that hears `sound(seconds)` and sends it in frames. */
class Sender {
  sequence = 0;
  samples = 0;
  offsetNanos = 0n;

  constructor(
    readonly rateHz: number,
    readonly sound: (seconds: number) => number = (t) => Math.sin(2 * Math.PI * 440 * t),
  ) {}

  frame(samples = Math.round(this.rateHz / 10), more: Partial<Stretch> = {}): Stretch {
    const from = this.samples;
    this.samples += samples;
    return {
      startNanos: T0 + (BigInt(from) * 1_000_000_000n) / BigInt(this.rateHz) + this.offsetNanos,
      sampleRateHz: this.rateHz,
      channelCount: 1,
      sequence: this.sequence++,
      discontinuity: false,
      mono: Float32Array.from({ length: samples }, (_, i) => this.sound((from + i) / this.rateHz)),
      ...more,
    };
  }
}

function start() {
  const tally = new Tally();
  const continuity = new Continuity('p1', tally);
  const blocks: SoundBlock[] = [];
  const keep = (made: SoundBlock[]) =>
    blocks.push(...made.map((block) => ({ ...block, samples: block.samples.slice() })));
  return {
    tally,
    blocks,
    accept: (stretch: Stretch) => keep(continuity.accept(stretch)),
    finish: () => keep(continuity.finish()),
    samples: () => blocks.flatMap(({ samples }) => [...samples]),
  };
}

/** Where blocks start beyond where the one before ended, in nanoseconds. */
function seams(blocks: readonly SoundBlock[]): number[] {
  return blocks
    .slice(1)
    .map(({ startNanos }, i) =>
      Number(startNanos - blocks[i].startNanos - BigInt(blocks[i].samples.length) * 62_500n),
    );
}

describe('the sound of a pole', () => {
  test.each([8000, 12000, 16000, 44100, 48000, 96000])(
    'at %i Hz has no click at any frame border, and every sample its time',
    (rate) => {
      const sender = new Sender(rate);
      const run = start();
      for (let k = 0; k < 10; k++) run.accept(sender.frame(Math.round(rate * (0.02 + 0.013 * k))));
      run.finish();
      const [{ startNanos }] = run.blocks;
      expect(startNanos).toBe(T0);
      expect(Math.max(...seams(run.blocks).map(Math.abs))).toBeLessThanOrEqual(1);
      const middle = run.samples().slice(100, -100);
      const worst = Math.max(
        ...middle.map((v, i) => Math.abs(v - Math.sin((2 * Math.PI * 440 * (i + 100)) / 16000))),
      );
      expect(worst).toBeLessThan(2e-4);
      expect(run.blocks.map(({ afterBreak }) => afterBreak)).toEqual([
        true,
        ...run.blocks.slice(1).map(() => false),
      ]);
    },
  );

  test('goes through a lost frame as marked silence of the right length', () => {
    const sender = new Sender(48000, () => 0.5);
    const run = start();
    run.accept(sender.frame());
    sender.frame();
    run.accept(sender.frame());
    run.finish();
    expect(run.tally.events).toEqual({ gap_filled: 1 });
    const samples = run.samples();
    expect(samples).toHaveLength(4800);
    expect(Math.max(...seams(run.blocks).map(Math.abs))).toBeLessThanOrEqual(1);
    const filled = run.blocks.find(({ filledSamples }) => filledSamples > 0)!;
    expect(filled.startNanos).toBe(T0 + 100_000_000n);
    expect(filled.filledSamples).toBe(1600);
    // Past the filter's own ringing the filled part is nothing, and the rest as loud as before.
    for (const v of samples.slice(1700, 3100)) expect(Math.abs(v)).toBeLessThan(1e-6);
    for (const v of [...samples.slice(100, 1500), ...samples.slice(3300, 4700)])
      expect(v).toBeCloseTo(0.5, 4);
  });

  test('breaks after a gap of more than 1 s, and nothing of before is lost', () => {
    const sender = new Sender(48000, () => 0.5);
    const run = start();
    run.accept(sender.frame());
    sender.samples += 48000 * 2;
    sender.sequence += 20;
    run.accept(sender.frame());
    run.finish();
    expect(run.tally.events).toEqual({ gap: 1 });
    expect(run.samples()).toHaveLength(3200);
    const after = run.blocks.find(({ startNanos, afterBreak }) => afterBreak && startNanos > T0)!;
    expect(after.startNanos).toBe(T0 + 2_100_000_000n);
  });

  test('starts afresh when the rate changes mid-feed', () => {
    const run = start();
    const first = new Sender(48000);
    run.accept(first.frame());
    const second = new Sender(8000);
    second.sequence = 1;
    second.samples = 800;
    run.accept(second.frame());
    run.finish();
    expect(run.tally.events).toEqual({ rate_change: 1 });
    expect(run.samples()).toHaveLength(3200);
    expect(run.blocks.filter(({ afterBreak }) => afterBreak).map(({ startNanos }) => startNanos)).toEqual([
      T0,
      T0 + 100_000_000n,
    ]);
  });

  test('follows a clock that drifts 80 ppm for a minute without a break', () => {
    const sender = new Sender(16000);
    const run = start();
    for (let k = 0; k < 600; k++) {
      sender.offsetNanos = BigInt(k) * 8_000n;
      run.accept(sender.frame());
    }
    expect(run.tally.events).toEqual({});
    expect(run.blocks.filter(({ afterBreak }) => afterBreak)).toHaveLength(1);
    expect(run.blocks.at(-1)!.startNanos).toBe(T0 + 59_900_000_000n + 599n * 8_000n);
  });

  test('is heard again after the clock was set back and the sender restarted', () => {
    const run = start();
    const before = new Sender(16000);
    before.sequence = 1000;
    run.accept(before.frame());
    const after = new Sender(16000);
    after.offsetNanos = -3_600_000_000_000n;
    for (let k = 0; k < 8; k++) run.accept(after.frame());
    expect(run.tally).toMatchObject({ events: { restart: 1 }, drops: { late: 4 } });
    expect(run.samples()).toHaveLength(1600 * 5);
  });

  test('drops old frames sent again between the new ones, and nothing else', () => {
    const run = start();
    const sender = new Sender(16000);
    const frames = Array.from({ length: 20 }, () => sender.frame());
    for (let k = 0; k < 20; k++) {
      run.accept(frames[k]);
      if (k >= 3) run.accept(frames[k - 3]);
      run.accept(frames[k]);
    }
    expect(run.tally).toMatchObject({ events: {}, drops: { late: 17, duplicate: 20 } });
    expect(run.samples()).toHaveLength(32_000);
  });

  test('hands on several microphones over the same span of time as the mono sound', () => {
    const run = start();
    const sender = new Sender(48000);
    const channels: number[] = [];
    for (let k = 0; k < 5; k++) {
      const frame = sender.frame();
      run.accept({ ...frame, channelCount: 2, channels: [frame.mono, frame.mono.map((v) => -v)] });
    }
    run.finish();
    for (const block of run.blocks) {
      expect(block.channelRateHz).toBe(48000);
      expect(Math.abs(block.channels![0].length - block.samples.length * 3)).toBeLessThanOrEqual(2);
      expect([...block.channels![1]]).toEqual([...block.channels![0]].map((v) => -v));
      channels.push(...block.channels![0]);
    }
    expect(channels).toHaveLength(24_000);
    expect(channels[23_999]).toBeCloseTo(Math.sin((2 * Math.PI * 440 * 23_999) / 48000), 5);
  });

  test('is what it is however the recording is cut into frames', () => {
    const once = start();
    const whole = new Sender(44100);
    once.accept(whole.frame(20_000));
    once.finish();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }), (cuts) => {
        const run = start();
        const sender = new Sender(44100);
        for (const cut of cuts) run.accept(sender.frame(Math.min(cut, 20_000 - sender.samples - 1)));
        run.accept(sender.frame(20_000 - sender.samples));
        run.finish();
        expect(run.tally.events).toEqual({});
        expect(Float32Array.from(run.samples())).toEqual(Float32Array.from(once.samples()));
      }),
      { numRuns: 20 },
    );
  });
});
