import { Resonator } from '../filters.js';
import type { Random } from '../random.js';
import { samplesOf, SOURCE_RATE_HZ } from './source.js';

/** Formants F1 to F3 of a male speaker, Hz (Peterson and Barney 1952; French vowels from Calliope 1989). */
const VOWELS: Record<string, readonly [number, number, number]> = {
  i: [280, 2250, 2950],
  e: [400, 2000, 2550],
  E: [530, 1840, 2480],
  a: [740, 1250, 2500],
  A: [750, 1080, 2440],
  O: [570, 880, 2410],
  o: [420, 800, 2400],
  u: [300, 820, 2250],
  y: [280, 1800, 2150],
  O2: [500, 1480, 2350],
};
export type Vowel = keyof typeof VOWELS;
export const VOWEL_NAMES = Object.keys(VOWELS);
const OPEN_VOWELS = ['a', 'A', 'O', 'E', 'o', 'e'] as const;

/** One person's throat. */
export interface Speaker {
  /** Vocal tract length relative to a man's: formants are multiplied by it (women 1.17, children 1.3). */
  formantScale: number;
  pitchHz: number;
  breath: number;
  /** Cycle-to-cycle wander of the pitch: rough voices are hoarse. */
  jitter: number;
}

export function randomSpeaker(random: Random, effort: 'talk' | 'shout'): Speaker {
  const woman = random.chance(0.45);
  const child = !woman && random.chance(0.1);
  const talkHz = woman
    ? random.uniform(170, 250)
    : child
      ? random.uniform(240, 320)
      : random.uniform(90, 150);
  return {
    formantScale: (woman ? 1.15 : child ? 1.28 : 1) * random.uniform(0.94, 1.06),
    pitchHz: talkHz * (effort === 'shout' ? random.uniform(1.5, 3) : 1),
    breath: effort === 'shout' ? random.uniform(0.05, 0.25) : random.uniform(0.02, 0.06),
    jitter: effort === 'shout' ? random.uniform(0.01, 0.05) : 0.006,
  };
}

export interface Syllable {
  seconds: number;
  /** Vowel at the start and at the end. */
  from: Vowel;
  to: Vowel;
  /** Pitch at start, middle and end, relative to the speaker's. */
  pitch: readonly [number, number, number];
  /** Noise of a consonant before the vowel; 0 is none. */
  consonantSeconds: number;
  /** Shouting opens the mouth (F1 up) and sharpens the closure of the glottis. */
  shout: boolean;
}

export function randomVowel(random: Random, open: boolean): Vowel {
  return open ? random.pick(OPEN_VOWELS) : random.pick(VOWEL_NAMES);
}

/** Samples between two updates of the formant filters: 1.3 ms, below what an ear follows. */
const UPDATE_SAMPLES = 64;

/**
 * One syllable through a cascade formant synthesiser (after Klatt 1980): Rosenberg pulses with jitter and breath
 * noise, five formants gliding from one vowel to the other. Arbitrary scale; peak near 1.
 */
export function syllable(speaker: Speaker, shape: Syllable, random: Random): Float32Array {
  const consonant = samplesOf(shape.consonantSeconds);
  const voiced = samplesOf(shape.seconds);
  const out = new Float32Array(consonant + voiced);
  const formants = [0, 1, 2, 3, 4].map(() => new Resonator(SOURCE_RATE_HZ));
  const openQuotient = shape.shout ? 0.45 : 0.62;
  const mouth = shape.shout ? 1.22 : 1;
  const attack = samplesOf(shape.shout ? 0.03 : 0.02);
  const release = Math.min(samplesOf(shape.shout ? 0.09 : 0.05), voiced >> 1);
  let phase = 0;
  let period = 1;
  let vibrato = random.next() * 6.28;
  for (let i = 0; i < out.length; i++) {
    const v = Math.max(0, i - consonant) / voiced;
    if (i % UPDATE_SAMPLES === 0) tuneFormants(formants, shape, v, speaker.formantScale, mouth);
    let excitation: number;
    if (i < consonant) {
      const x = i / consonant;
      excitation = random.white() * 0.25 * x * (2 - x);
    } else {
      if (phase >= 1) {
        phase -= 1;
        period = 1 + speaker.jitter * (random.white() + random.white());
      }
      vibrato += 0.00072;
      const bend = contour(shape.pitch, v) * period * (1 + 0.008 * Math.sin(vibrato));
      phase += (speaker.pitchHz * bend) / SOURCE_RATE_HZ;
      const x = phase / openQuotient;
      excitation = (x < 1 ? 2 * x - 3 * x * x : 0) + speaker.breath * random.white() * (x < 1 ? 1 : 0.4);
      const rest = out.length - i;
      if (i - consonant < attack) excitation *= (i - consonant) / attack;
      if (rest < release) excitation *= rest / release;
    }
    let y = excitation;
    for (const formant of formants) y = formant.next(y);
    out[i] = y;
  }
  // Radiation at the lips: the pressure far away is the derivative of the flow; the pulse above is one already,
  // so only the constant part is taken away.
  // A shout's sharp closure also lifts what lies above 1 kHz.
  const lift = shape.shout ? 0.8 : 0;
  let mean = 0;
  let before = 0;
  for (let i = 0; i < out.length; i++) {
    const x = out[i];
    mean += 0.01 * (x - mean);
    out[i] = (x - mean - lift * before) * 0.6;
    before = x - mean;
  }
  return out;
}

function contour([start, middle, end]: readonly [number, number, number], x: number): number {
  return x < 0.5 ? start + (middle - start) * 2 * x : middle + (end - middle) * (2 * x - 1);
}

function tuneFormants(
  formants: readonly Resonator[],
  shape: Syllable,
  x: number,
  tract: number,
  mouth: number,
): void {
  const from = VOWELS[shape.from];
  const to = VOWELS[shape.to];
  // Most of the glide happens in the first two thirds.
  const g = Math.min(1, 1.5 * x);
  const hz = (k: number) => (from[k] + (to[k] - from[k]) * g) * tract;
  // An open glottis and a wide mouth damp a shout's formants: without that, one harmonic rings like a siren.
  const damping = shape.shout ? 2.2 : 1;
  formants[0].tune(hz(0) * mouth, 90 * damping);
  formants[1].tune(hz(1), 110 * damping);
  formants[2].tune(hz(2), 150 * damping);
  formants[3].tune(3500 * tract, 220 * damping);
  formants[4].tune(4400 * tract, 300 * damping);
}
