import { Biquad, fade, mix, pinkNoise, rms, slowNoise } from '../filters.js';
import { pascalOf, toMeanLevel } from '../level.js';
import type { Random } from '../random.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';
import { randomSpeaker, randomVowel, syllable, type Speaker, type Vowel } from './voice.js';

export type Mood = 'shouting' | 'chanting' | 'cheering' | 'mixed';

export interface CrowdOptions {
  /** Default 12. */
  seconds?: number;
  /** Voices that are synthesised one by one; those behind them are a roar. Default 40 to 110. */
  voices?: number;
  mood?: Mood;
  /** Mean level of the whole crowd as if from one point at 1 m. Default: 92 dB a voice, energies added. */
  meanDbSpl?: number;
}

const VOICE_DB_SPL = 92;

/**
 * A crowd in clamour: many formant voices, each with its throat, distance and habit, that shout over one another,
 * chant together (each a little early or late), cheer with long rising vowels and whistle; under them the roar of
 * the voices too many to tell apart (speech-shaped noise that swells with the cheering).
 */
export function crowd(random: Random, options: CrowdOptions = {}): SourceSound {
  const seconds = options.seconds ?? 12;
  const voices = options.voices ?? random.int(40, 110);
  const mood = options.mood ?? random.pick(['shouting', 'cheering', 'mixed', 'mixed', 'chanting'] as const);
  const samples = silence(seconds);
  const slogan = chantPattern(random.fork('slogan'));
  for (let v = 0; v < voices; v++) {
    const own = random.fork(v);
    const habit = mood === 'mixed' ? own.pick(['shouting', 'cheering', 'chanting'] as const) : mood;
    const speaker = randomSpeaker(own, 'shout');
    // Nearer voices stand out; the rest melt together, duller (heads and bodies stand between).
    const near = own.next();
    const gain = Math.pow(10, (-14 * near) / 20);
    const track =
      habit === 'chanting' ? chant(speaker, slogan, seconds, own) : shouts(speaker, habit, seconds, own);
    if (near > 0.3) Biquad.lowpass(6500 - 3800 * near, SOURCE_RATE_HZ).run(track);
    mix(samples, track, 0, gain);
  }
  const voicesRms = rms(samples);
  mix(samples, roar(seconds, random.fork('roar')), 0, voicesRms * (mood === 'chanting' ? 0.3 : 0.6));
  for (let w = random.int(0, Math.ceil(voices / 25)); w > 0; w--) {
    addWhistle(samples, voicesRms, random.fork(`whistle${w}`));
  }
  fade(samples, samplesOf(0.8));
  toMeanLevel(samples, options.meanDbSpl ?? VOICE_DB_SPL + 10 * Math.log10(voices * 2));
  return { samples, onsetsSeconds: [] };
}

/** Shouts and cheers: exclamations with pauses between them. */
function shouts(
  speaker: Speaker,
  habit: 'shouting' | 'cheering',
  seconds: number,
  random: Random,
): Float32Array {
  const track = silence(seconds);
  let at = random.uniform(-1, 0.8);
  while (at < seconds) {
    const long = habit === 'cheering';
    const syllables = long ? 1 : random.int(1, 4);
    for (let s = 0; s < syllables; s++) {
      const rise = random.uniform(1.05, 1.5);
      const from = randomVowel(random, true);
      const sound = syllable(
        speaker,
        {
          seconds: long ? random.uniform(0.6, 2.2) : random.uniform(0.14, 0.6),
          from: long && random.chance(0.4) ? 'u' : from,
          to: randomVowel(random, true),
          pitch: [random.uniform(0.8, 1), rise, random.uniform(0.7, 1.1)],
          consonantSeconds: random.chance(0.6) ? random.uniform(0.02, 0.08) : 0,
          shout: true,
        },
        random,
      );
      mix(track, sound, samplesOf(at), random.uniform(0.5, 1));
      at += sound.length / SOURCE_RATE_HZ;
    }
    at += random.uniform(0.1, long ? 0.9 : 1.4);
  }
  return track;
}

interface Beat {
  atSeconds: number;
  seconds: number;
  vowel: Vowel;
  pitch: number;
}
interface Slogan {
  barSeconds: number;
  beats: readonly Beat[];
}

function chantPattern(random: Random): Slogan {
  const beatSeconds = random.uniform(0.28, 0.5);
  const rhythm = random.pick([
    [1, 1, 2],
    [1, 1, 1, 1],
    [2, 1, 1, 2, 2],
    [1, 2, 1, 2],
    [2, 2, 1, 1, 2],
  ]);
  let at = 0;
  const beats = rhythm.map((length): Beat => {
    const beat = {
      atSeconds: at,
      seconds: length * beatSeconds * 0.85,
      vowel: randomVowel(random, true),
      pitch: random.pick([1, 1, 1.12, 1.26, 0.89]),
    };
    at += length * beatSeconds;
    return beat;
  });
  return { barSeconds: at + random.pick([0, 2, 4]) * beatSeconds, beats };
}

function chant(speaker: Speaker, slogan: Slogan, seconds: number, random: Random): Float32Array {
  const track = silence(seconds);
  const late = random.uniform(-0.06, 0.1);
  for (let bar = -1; bar * slogan.barSeconds < seconds; bar++) {
    if (random.chance(0.12)) continue;
    for (const beat of slogan.beats) {
      const sound = syllable(
        speaker,
        {
          seconds: beat.seconds * random.uniform(0.85, 1.1),
          from: beat.vowel,
          to: beat.vowel,
          pitch: [beat.pitch * 0.94, beat.pitch, beat.pitch * 0.9],
          consonantSeconds: 0.04,
          shout: true,
        },
        random,
      );
      const at = bar * slogan.barSeconds + beat.atSeconds + late + random.uniform(-0.03, 0.03);
      mix(track, sound, samplesOf(at), random.uniform(0.7, 1));
    }
  }
  return track;
}

/** The many behind: noise shaped like shouted speech, swelling. RMS about 1. */
function roar(seconds: number, random: Random): Float32Array {
  const out = silence(seconds);
  for (const [hz, gain] of [
    [500, 0.8],
    [900, 1],
    [1500, 0.8],
    [2600, 0.45],
  ] as const) {
    const band = pinkNoise(out.length, random);
    Biquad.bandpass(hz * random.uniform(0.9, 1.1), SOURCE_RATE_HZ, 1.1).run(band);
    const swell = slowNoise(out.length, SOURCE_RATE_HZ, 1.3, random);
    const flutter = slowNoise(out.length, SOURCE_RATE_HZ, 11, random);
    for (let i = 0; i < out.length; i++) {
      out[i] += gain * band[i] * Math.max(0.2, 1 + 0.3 * swell[i] + 0.25 * flutter[i]);
    }
  }
  const mean = rms(out);
  for (let i = 0; i < out.length; i++) out[i] /= mean;
  return out;
}

/** Two fingers: a nearly pure tone that glides, with some breath. */
function addWhistle(samples: Float32Array, reference: number, random: Random): void {
  const length = samplesOf(random.uniform(0.25, 1.1));
  const from = random.uniform(1800, 3000);
  const to = from * random.uniform(0.75, 1.5);
  const whistle = new Float32Array(length);
  let phase = 0;
  for (let i = 0; i < length; i++) {
    const x = i / length;
    phase += (2 * Math.PI * (from + (to - from) * Math.sin((x * Math.PI) / 2))) / SOURCE_RATE_HZ;
    whistle[i] = (Math.sin(phase) + 0.1 * random.white()) * Math.sin(Math.PI * x);
  }
  mix(
    samples,
    whistle,
    Math.floor(random.next() * (samples.length - length)),
    reference * random.uniform(0.4, 1.1),
  );
}

/** One voice that talks: syllables in sentences, no shouting. */
export function speech(random: Random, options: { seconds?: number; meanDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 5;
  const samples = silence(seconds);
  const speaker = randomSpeaker(random, 'talk');
  let at = 0.1;
  while (at < seconds) {
    const syllables = random.int(4, 12);
    for (let s = 0; s < syllables && at < seconds; s++) {
      const fall = 1.15 - (0.3 * s) / syllables;
      const sound = syllable(
        speaker,
        {
          seconds: random.uniform(0.07, 0.2),
          from: randomVowel(random, false),
          to: randomVowel(random, false),
          pitch: [fall, fall * random.uniform(0.95, 1.12), fall * 0.95],
          consonantSeconds: random.chance(0.8) ? random.uniform(0.02, 0.11) : 0,
          shout: false,
        },
        random,
      );
      mix(samples, sound, samplesOf(at), random.uniform(0.5, 1));
      at += sound.length / SOURCE_RATE_HZ + (random.chance(0.2) ? random.uniform(0.02, 0.08) : 0);
    }
    at += random.uniform(0.25, 0.9);
  }
  samplesClean(samples);
  const peakPascal = pascalOf(options.meanDbSpl ?? random.uniform(62, 74));
  const mean = rms(samples);
  for (let i = 0; i < samples.length; i++) samples[i] *= peakPascal / mean;
  return { samples, onsetsSeconds: [] };
}

/** Voices carry nothing below the pitch: what is left there is the synthesiser's. */
function samplesClean(samples: Float32Array): void {
  Biquad.highpass(70, SOURCE_RATE_HZ).run(samples);
}
