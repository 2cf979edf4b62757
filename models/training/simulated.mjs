#!/usr/bin/env node
// Renders the scene generator's own sounds for training: <out>/<kind>/<kind>-<seed>.wav, 16 kHz, peak 0.9. What is there already is kept.
// usage: node simulated.mjs OUT_DIR [COUNT]   (after `npm run build` in the repository's root)
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { carry, Random, resampleTo, SOURCE_KINDS, SOURCE_RATE_HZ, synthesise } from '../../dist/simulate/index.js';

const RATE_HZ = 16_000;
const [out, count = '60'] = process.argv.slice(2);
if (!out) {
  console.error('usage: node simulated.mjs OUT_DIR [COUNT]');
  process.exit(2);
}
for (const kind of SOURCE_KINDS) {
  mkdirSync(join(out, kind), { recursive: true });
  for (let seed = 1000; seed < 1000 + Number(count); seed++) {
    const random = new Random(`${kind}-${seed}`);
    const file = join(out, kind, `${kind}-${seed}.wav`);
    if (existsSync(file)) continue;
    writeFileSync(`${file}.part`, wav(heard(kind, random)));
    renameSync(`${file}.part`, file);
  }
}

/** The sound from 20 to 400 m away through a street of its own. */
function heard(kind, random) {
  const { samples } = synthesise(kind, random.fork('source'));
  const meters = random.logUniform(20, 400);
  const target = new Float32Array(samples.length + 2 * SOURCE_RATE_HZ);
  const weather = { temperatureC: random.uniform(0, 30), relativeHumidity: random.uniform(30, 90) };
  carry(samples, { eastMeters: meters, northMeters: 0, emissionSeconds: -meters / 345, weather }, target, random.fork('way'));
  return resampleTo(target, SOURCE_RATE_HZ, RATE_HZ);
}

function wav(samples) {
  const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-9);
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE_HZ, 24);
  bytes.writeUInt32LE(2 * RATE_HZ, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((x, i) => bytes.writeInt16LE(Math.round((29491 * x) / peak), 44 + 2 * i));
  return bytes;
}
