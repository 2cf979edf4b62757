import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { BIN_SAMPLES, Envelope } from '../../src/listen/envelope.js';
import { ENVELOPE_WASM, loopFiltered, loopInput, loopState } from '../../src/listen/envelope-loop.js';
import { noise } from './sounds.js';

/** The filters as their difference equations stand in the books, sample by sample. */
function byTheBook(sound: Float32Array): { filtered: number[]; power: number[]; peak: number[] } {
  const w = (2 * Math.PI * 250) / 16_000;
  const alpha = Math.sin(w) / Math.SQRT2;
  const b0 = (1 + Math.cos(w)) / 2 / (1 + alpha);
  const a1 = (-2 * Math.cos(w)) / (1 + alpha);
  const a2 = (1 - alpha) / (1 + alpha);
  const flat: number[] = [];
  const filtered: number[] = [];
  for (let i = 0; i < sound.length; i++) {
    flat.push(0.995 * ((flat[i - 1] ?? 0) + sound[i] - (sound[i - 1] ?? sound[0])));
    const fed = b0 * (flat[i] - 2 * (flat[i - 1] ?? 0) + (flat[i - 2] ?? 0));
    filtered.push(fed - a1 * (filtered[i - 1] ?? 0) - a2 * (filtered[i - 2] ?? 0));
  }
  const bins = Math.floor(sound.length / BIN_SAMPLES);
  const each = (of: (from: number) => number): number[] =>
    Array.from({ length: bins }, (_, bin) => of(bin * BIN_SAMPLES));
  return {
    filtered,
    power: each((from) => filtered.slice(from, from + 16).reduce((sum, y) => sum + y * y, 0) / 16),
    peak: each((from) => Math.max(...flat.slice(from, from + 16).map(Math.abs))),
  };
}

it('the binary of the inner loop is what its source assembles to', async () => {
  const source = readFileSync(new URL('../../src/listen/envelope.wat', import.meta.url), 'utf8');
  const assembler = await wabt();
  const { buffer } = assembler.parseWat('envelope.wat', source, { simd: true }).toBinary({});
  expect(Buffer.from(buffer).toString('base64')).toBe(ENVELOPE_WASM);
});

it.each([
  ['noise', noise(0.25, 0.3, 1)],
  ['noise on a large offset', noise(0.25, 0.01, 2).map((x) => x + 0.7)],
  ['a click in silence', new Float32Array(4000).fill(1, 1003, 1004)],
])('the envelope of %s is that of the difference equations', (_, sound) => {
  const expected = byTheBook(sound);
  const envelope = new Envelope();
  let bin = 0;
  const compare = (): void => {
    for (; bin < envelope.bins; bin++) compareBin(envelope, bin, expected);
  };
  for (let from = 0; from < sound.length; from += 1000)
    envelope.take(sound, from, Math.min(from + 1000, sound.length), compare);
  expect(bin).toBe(250);
});

function compareBin(envelope: Envelope, bin: number, expected: ReturnType<typeof byTheBook>): void {
  expect(envelope.power(bin)).toBeCloseTo(expected.power[bin], 10);
  expect(envelope.peak(bin)).toBeCloseTo(expected.peak[bin], 6);
  for (let i = bin * BIN_SAMPLES; i < (bin + 1) * BIN_SAMPLES; i++)
    expect(envelope.filtered[i]).toBeCloseTo(expected.filtered[i], 6);
}

it('what is not finite counts as silence, and is forgotten', () => {
  const sound = noise(0.1, 0.1, 3);
  const broken = Float32Array.from(sound);
  const silent = Float32Array.from(sound);
  for (const at of [100, 101, 515]) [broken[at], silent[at]] = [at === 515 ? Infinity : NaN, 0];
  const [a, b] = [broken, silent].map((one) => {
    const envelope = new Envelope();
    envelope.take(one, 0, 1000, () => undefined);
    return envelope;
  });
  expect(a.filtered).toEqual(b.filtered);
  expect(a.powers).toEqual(b.powers);
});

it('no sound lies in the loop’s memory after a call', () => {
  new Envelope().take(noise(0.05, 0.5, 4), 0, 800, () => undefined);
  for (const memory of [loopInput, loopFiltered, loopState]) expect(memory.every((x) => x === 0)).toBe(true);
});
