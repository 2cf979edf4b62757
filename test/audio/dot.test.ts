import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import { dot, dotMemory, DOT_WASM } from '../../src/audio/dot.js';

test('the binary of the inner loop is what its source assembles to', async () => {
  const source = readFileSync(new URL('../../src/audio/dot.wat', import.meta.url), 'utf8');
  const assembler = await wabt();
  const { buffer } = assembler.parseWat('dot.wat', source, { simd: true }).toBinary({});
  expect(Buffer.from(buffer).toString('base64')).toBe(DOT_WASM);
});

test('the inner loop sums products, from any offset', () => {
  const value = fc.float({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.nat(100),
      fc.array(value, { minLength: 1 }),
      (rows, from, values) => {
        const count = rows * 16;
        let sum = 0;
        for (let i = 0; i < count; i++) {
          dotMemory[from + i] = values[i % values.length];
          dotMemory[1000 + i] = values[(i * 7 + 3) % values.length];
          sum += dotMemory[from + i] * dotMemory[1000 + i];
        }
        expect(Math.abs(dot(from, 1000, count) - sum)).toBeLessThan(1e-6 * count);
        dotMemory.fill(0, 0, 2000);
      },
    ),
  );
});

test('no sound lies in the loop’s memory after a call', async () => {
  const { Resampler } = await import('../../src/audio/index.js');
  const { SCRATCH_AT } = await import('../../src/audio/filter-banks.js');
  new Resampler(48000).process(new Float32Array(4800).fill(0.5));
  expect(dotMemory.subarray(SCRATCH_AT).every((v) => v === 0)).toBe(true);
});
