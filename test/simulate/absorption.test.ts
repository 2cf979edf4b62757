import { expect, test } from 'vitest';
import { absorptionDbPerMeter } from '../../src/simulate/absorption.js';

/** Exact octave midbands 63 Hz to 8 kHz, as ISO 9613 takes them: 1000 · 10^(3k/10). */
const MIDBANDS = [-4, -3, -2, -1, 0, 1, 2, 3].map((k) => 1000 * Math.pow(10, (3 * k) / 10));

/** dB/km, printed to one digit: ISO 9613-2:1996, table 2. */
const TABLE: [temperatureC: number, humidity: number, dbPerKm: number[]][] = [
  [10, 70, [0.1, 0.4, 1.0, 1.9, 3.7, 9.7, 32.8, 117]],
  [20, 70, [0.1, 0.3, 1.1, 2.8, 5.0, 9.0, 22.9, 76.6]],
  [30, 70, [0.1, 0.3, 1.0, 3.1, 7.4, 12.7, 23.1, 59.3]],
  [15, 20, [0.3, 0.6, 1.2, 2.7, 8.2, 28.2, 88.8, 202]],
  [15, 50, [0.1, 0.5, 1.2, 2.2, 4.2, 10.8, 36.2, 129]],
  [15, 80, [0.1, 0.3, 1.1, 2.4, 4.1, 8.3, 23.7, 82.8]],
];

test.each(TABLE)(
  'the air absorbs what ISO 9613-2 prints for %i °C and %i %%',
  (temperatureC, humidity, dbPerKm) => {
    for (const [i, hz] of MIDBANDS.entries()) {
      const ours = 1000 * absorptionDbPerMeter(hz, temperatureC, humidity);
      expect(Math.abs(ours - dbPerKm[i])).toBeLessThan(Math.max(0.055, dbPerKm[i] * 0.006));
    }
  },
);
