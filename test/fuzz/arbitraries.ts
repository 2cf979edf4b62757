import fc from 'fast-check';
import { encodeFrame } from '../../src/audio/index.js';

/** Bytes of something valid with some of them changed, cut, doubled or torn out; sometimes bytes of nothing. */
export function damaged(valid: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(),
    what: fc.constantFrom('set', 'cut', 'insert', 'remove', 'extreme'),
    bytes: fc.uint8Array({ maxLength: 8 }),
  });
  const mended = fc
    .tuple(fc.constantFrom(...valid), fc.array(change, { maxLength: 4 }))
    .map(([from, changes]) => {
      let out = Uint8Array.from(from);
      for (const { at, what, bytes } of changes) {
        const place = out.length === 0 ? 0 : at % out.length;
        if (what === 'set') out.set(bytes.subarray(0, out.length - place), place);
        else if (what === 'extreme') out.fill(at % 2 ? 0xff : 0, place, place + 8);
        else if (what === 'cut') out = out.slice(0, place);
        else if (what === 'insert')
          out = Uint8Array.of(...out.subarray(0, place), ...bytes, ...out.subarray(place));
        else out = Uint8Array.of(...out.subarray(0, place), ...out.subarray(place + bytes.length));
      }
      return out;
    });
  return fc.oneof(
    { weight: 6, arbitrary: mended },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

/** JSON of something valid with values exchanged, keys lost and strangers put in; sometimes any JSON. */
export function damagedJson(valid: readonly unknown[]): fc.Arbitrary<unknown> {
  const hostile = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      null,
      -1,
      1e308,
      1e-320,
      '',
      '__proto__',
      '\u0000',
      [],
      {},
      [[[[]]]],
      'a'.repeat(5000),
      '1980-01-06T00:00:00Z',
    ),
    fc.double(),
    fc.string(),
  );
  const steps = fc.array(
    fc.record({
      path: fc.array(fc.nat(12), { minLength: 1, maxLength: 6 }),
      remove: fc.boolean(),
      value: hostile,
    }),
    { maxLength: 3 },
  );
  const mended = fc.tuple(fc.constantFrom(...valid), steps).map(([from, changes]) => {
    const out = structuredClone(from);
    for (const { path, remove, value } of changes) {
      let at = out as Record<string, unknown>;
      for (const [depth, pick] of path.entries()) {
        const keys = Object.keys(at);
        if (keys.length === 0) break;
        const key = keys[pick % keys.length];
        const next = at[key];
        if (depth < path.length - 1 && typeof next === 'object' && next !== null) at = next as typeof at;
        else {
          if (remove && !Array.isArray(at)) delete at[key];
          // A copy: a later step may change what this one put in, and the constants are everybody's.
          else at[key] = structuredClone(value);
          break;
        }
      }
    }
    return out;
  });
  return fc.oneof({ weight: 8, arbitrary: mended }, { weight: 1, arbitrary: hostile });
}

/** Times that clocks have shown: epochs, a GPS week rollover, leap seconds, 2038, 2100, the ends of 64 bits. */
export const TIMES_NANOS = [
  0n,
  315_964_800n,
  935_280_000n,
  1_483_228_799n,
  1_483_228_800n,
  1_554_595_200n,
  1_790_000_000n,
  2_147_483_648n,
  4_102_444_800n,
  18_446_744_073n,
].map((seconds) => seconds * 1_000_000_000n);

export const anyTime = fc.oneof(
  fc.constantFrom(...TIMES_NANOS),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc
    .tuple(fc.constantFrom(...TIMES_NANOS), fc.bigInt({ min: -3_000_000_000n, max: 3_000_000_000n }))
    .map(([t, d]) => (t + d < 0n ? 0n : t + d)),
);

/** Frames that are what they should be, but for their times, rates, sequence and sound. */
export const strangeFrame = fc
  .record({
    startNanos: anyTime,
    sequence: fc.nat(),
    rate: fc.constantFrom(8_000, 16_000, 16_001, 44_100, 48_000, 192_000),
    samples: fc.integer({ min: 1, max: 64 }),
    channels: fc.integer({ min: 1, max: 8 }),
    encoding: fc.constantFrom('int16' as const, 'float32' as const),
    discontinuity: fc.boolean(),
    level: fc.constantFrom(0, 1e-40, 0.5, 1, 100, 1e30),
  })
  .map(({ startNanos, sequence, rate, samples, channels, encoding, discontinuity, level }) =>
    encodeFrame({
      encoding,
      sampleRateHz: rate,
      sequence,
      startNanos: BigInt.asUintN(64, startNanos),
      discontinuity,
      channels: Array.from({ length: channels }, (_, c) =>
        Float32Array.from({ length: samples }, (_, i) => level * Math.sin(i * (c + 1))),
      ),
    }),
  );
