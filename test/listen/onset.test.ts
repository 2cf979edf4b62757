import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OnsetPicker, type Onset } from '../../src/listen/onset.js';
import { addShot, noise, RATE } from './sounds.js';

function pick(sound: Float32Array, cuts: readonly number[] = []): Onset[] {
  const onsets: Onset[] = [];
  const picker = new OnsetPicker((onset) => onsets.push(onset));
  const borders = [...cuts].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...borders, sound.length]) {
    picker.push(sound.subarray(from, to));
    from = to;
  }
  picker.finish();
  return onsets;
}

function nearest(onsets: readonly Onset[], seconds: number): number {
  return Math.min(...onsets.map(({ sample }) => Math.abs(sample / RATE - seconds)));
}

/** Each sample held for the duration of one at a lower rate, then smoothed: what a feed of that rate sounds like. */
function atRate(sound: Float32Array, rateHz: number): Float32Array {
  const reach = Math.round(RATE / rateHz);
  return sound.map((_, i) => {
    let sum = 0;
    let weights = 0;
    for (let k = -2 * reach; k <= 2 * reach; k++) {
      const x = k / reach;
      const weight =
        (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / 2));
      sum += weight * (sound[i + k] ?? 0);
      weights += weight;
    }
    return sum / weights;
  });
}

describe('the onset picker', () => {
  it.each([
    [60, 16_000],
    [40, 16_000],
    [30, 16_000],
    [40, 8_000],
    [30, 8_000],
    [24, 16_000],
  ])('is good to 2 ms on clean impulses %i dB over the background from feeds of %i Hz', (snrDb, rateHz) => {
    for (let trial = 0; trial < 20; trial++) {
      const at = 0.7 + trial * 0.01237;
      const sound = noise(1.5, 0.5 * 10 ** (-snrDb / 20), trial + 1);
      addShot(sound, at, 0.5, trial + 50);
      const onsets = pick(rateHz === RATE ? sound : atRate(sound, rateHz));
      expect(nearest(onsets, at)).toBeLessThan(0.002);
      expect(onsets[0].uncertaintySeconds).toBeLessThan(0.002);
    }
  });

  it('has no constant bias worth correcting', () => {
    let sum = 0;
    for (let trial = 0; trial < 40; trial++) {
      const at = 0.5 + trial * 0.00371;
      const onsets = pick(addShot(noise(1, 0.002, trial + 1), at, 0.3, trial + 90));
      sum += onsets[0].sample / RATE - at;
    }
    expect(Math.abs(sum / 40)).toBeLessThan(0.0003);
  });

  it('finds arrivals that rise little over the background, and says how unsure it is', () => {
    let found = 0;
    let strength = 0;
    for (let trial = 0; trial < 40; trial++) {
      const sound = addShot(noise(1.5, 0.01, trial + 1), 0.8, 0.11, trial + 30);
      const near = pick(sound).find(({ sample }) => Math.abs(sample / RATE - 0.8) < 0.01);
      if (!near) continue;
      found++;
      strength += near.strengthDb;
      expect(near.uncertaintySeconds).toBeGreaterThan(0.0009);
    }
    expect(found).toBeGreaterThanOrEqual(34);
    expect(strength / found).toBeLessThan(11);
  });

  it('tells a weak direct sound and its stronger echo 17 ms later, the direct sound first', () => {
    const sound = noise(1.5, 0.001, 3);
    addShot(sound, 0.8, 0.03, 4);
    addShot(sound, 0.817, 0.3, 5);
    const onsets = pick(sound);
    expect(Math.abs(onsets[0].sample / RATE - 0.8)).toBeLessThan(0.002);
    expect(nearest(onsets, 0.817)).toBeLessThan(0.002);
  });

  it.each([10, 12, 15])('gives each shot of automatic fire at %i rounds a second', (perSecond) => {
    const sound = noise(3, 0.001, 8);
    const times = Array.from({ length: 12 }, (_, i) => 0.6 + i / perSecond);
    times.forEach((at, i) => addShot(sound, at, 0.3, 100 + i));
    const onsets = pick(sound);
    for (const at of times) expect(nearest(onsets, at)).toBeLessThan(0.004);
    expect(onsets.length).toBeLessThanOrEqual(16);
  });

  it('never tells more than some 30 a second, whatever it hears', () => {
    const clicks = noise(4, 1e-4, 2);
    for (let i = 0; i < clicks.length; i += 131) clicks[i] += (i % 7) / 7;
    expect(pick(clicks).length).toBeLessThanOrEqual(120);
  });

  it.each<[string, Float32Array]>([
    ['silence', new Float32Array(3 * RATE)],
    ['DC', new Float32Array(3 * RATE).fill(0.7)],
    ['the start of steady noise', noise(3, 0.1, 9)],
    [
      'a hum',
      Float32Array.from({ length: 3 * RATE }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 100 * i) / RATE)),
    ],
    ['NaN', new Float32Array(RATE).fill(NaN)],
  ])('hears no onset in %s', (_name, sound) => {
    expect(pick(sound)).toEqual([]);
  });

  it('takes steady sound out of digital silence for a channel switched on, and a shot out of it for a shot', () => {
    const padded = new Float32Array(2 * RATE);
    padded.set(noise(1, 0.02, 4), RATE);
    expect(pick(padded)).toEqual([]);
    expect(nearest(pick(addShot(new Float32Array(2 * RATE), 1, 0.5)), 1)).toBeLessThan(0.002);
  });

  it('finds a shot that clips, and one 15 ms into a recording', () => {
    const clipped = addShot(noise(1, 0.01, 5), 0.5, 4).map((x) => Math.max(-1, Math.min(1, x)));
    expect(nearest(pick(clipped), 0.5)).toBeLessThan(0.002);
    expect(nearest(pick(addShot(noise(0.3, 0.002, 6), 0.015, 0.4)), 0.015)).toBeLessThan(0.002);
  });

  it('gives the same onsets, bit for bit, wherever the blocks are cut', () => {
    const sound = noise(2, 0.004, 11);
    for (const [at, peak] of [
      [0.3, 0.4],
      [0.9, 0.05],
      [0.96, 0.4],
      [1.5, 0.03],
    ])
      addShot(sound, at, peak, Math.round(at * 1000));
    const whole = pick(sound);
    expect(whole.length).toBeGreaterThanOrEqual(3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: sound.length }), { maxLength: 60 }), (cuts) => {
        expect(pick(sound, cuts)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('tells the background onsets of steady noise rarely: under one in ten seconds', () => {
    expect(pick(noise(60, 0.02, 21)).length).toBeLessThanOrEqual(6);
  });
});
