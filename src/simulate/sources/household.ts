import { Biquad, fade, mix, whiteNoise } from '../filters.js';
import { toPeakLevel } from '../level.js';
import type { Random } from '../random.js';
import { knock } from './knock.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';
import { syllable } from './voice.js';

export interface DoorOptions {
  seconds?: number;
  slams?: number;
  peakDbSpl?: number;
}

/** Slammed doors of houses, cars and bins: the latch a moment before a low thud, a rattle after it. */
export function door(random: Random, options: DoorOptions = {}): SourceSound {
  const slams = options.slams ?? 1;
  const seconds = options.seconds ?? 1 + 1.6 * slams;
  const samples = silence(seconds);
  const modesHz = Array.from({ length: 6 }, (_, i) => random.logUniform(55, 130) * (1 + 0.8 * i));
  const peakDbSpl = options.peakDbSpl ?? random.uniform(98, 112);
  for (let s = 0; s < slams; s++) {
    const at = 0.1 + (s * (seconds - 1)) / slams + random.uniform(0, 0.3);
    const latch = knock(random, {
      modesHz: [1300, 2400, 3700],
      decaySeconds: 0.006,
      brightHz: 6000,
      noise: 1,
    });
    mix(samples, toPeakLevel(latch, peakDbSpl - 12), samplesOf(at - random.uniform(0.008, 0.03)));
    const thud = knock(random, {
      modesHz,
      decaySeconds: random.uniform(0.03, 0.08),
      brightHz: 1800,
      noise: 0.6,
    });
    mix(samples, toPeakLevel(thud, peakDbSpl + random.uniform(-4, 0)), samplesOf(at));
    for (let r = random.int(0, 4); r > 0; r--) {
      const rattle = knock(random, {
        modesHz: [400, 900, 2000],
        decaySeconds: 0.01,
        brightHz: 4000,
        noise: 0.8,
      });
      mix(
        samples,
        toPeakLevel(rattle, peakDbSpl - random.uniform(18, 28)),
        samplesOf(at + random.uniform(0.05, 0.4)),
      );
    }
  }
  return { samples, onsetsSeconds: [] };
}

/** A pane that breaks: a crash of high modes, then shards that tinkle on the ground. */
export function glass(random: Random, options: { seconds?: number; peakDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 2.5;
  const samples = silence(seconds);
  const peakDbSpl = options.peakDbSpl ?? random.uniform(98, 112);
  const crash = whiteNoise(samplesOf(0.5), random);
  Biquad.highpass(1800, SOURCE_RATE_HZ).run(crash);
  const decay = samplesOf(random.uniform(0.03, 0.09));
  for (let i = 0; i < crash.length; i++) crash[i] *= Math.exp(-i / decay);
  mix(samples, toPeakLevel(crash, peakDbSpl), samplesOf(0.1));
  const shards = random.int(30, 110);
  for (let s = 0; s < shards; s++) {
    const late = random.next() * random.next();
    const ping = knock(random, {
      modesHz: [
        random.logUniform(2500, 9000),
        random.logUniform(3500, 14000),
        random.logUniform(5000, 16000),
      ],
      decaySeconds: random.uniform(0.006, 0.05),
      brightHz: 12000,
      noise: 0.2,
    });
    const at = 0.1 + late * (seconds - 0.5);
    mix(samples, toPeakLevel(ping, peakDbSpl - 6 - 22 * random.next() - 10 * late), samplesOf(at));
  }
  fade(samples, samplesOf(0.02));
  return { samples, onsetsSeconds: [] };
}

/** A dog: hoarse barks of 0.1 to 0.25 s, the pitch up and down within each, in twos and threes. */
export function dog(random: Random, options: { seconds?: number; peakDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 4;
  const samples = silence(seconds);
  const size = random.uniform(0.75, 1.6);
  const animal = { formantScale: 0.8 * size, pitchHz: 330 * size, breath: 0.5, jitter: 0.06 };
  const peakDbSpl = options.peakDbSpl ?? random.uniform(98, 108);
  let at = 0.1;
  while (at < seconds - 0.4) {
    for (let b = random.int(1, 3); b > 0; b--) {
      const bark = syllable(
        animal,
        {
          seconds: random.uniform(0.11, 0.24),
          from: 'A',
          to: 'O',
          pitch: [0.8, random.uniform(1.3, 1.8), 0.6],
          consonantSeconds: 0.015,
          shout: true,
        },
        random,
      );
      mix(samples, toPeakLevel(bark, peakDbSpl + random.uniform(-4, 0)), samplesOf(at));
      at += random.uniform(0.28, 0.5);
    }
    at += random.uniform(0.3, 1.2);
  }
  return { samples, onsetsSeconds: [] };
}
