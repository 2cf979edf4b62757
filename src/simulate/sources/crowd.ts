import { Biquad, fade, mix, rms, whiteNoise } from '../filters.js';
import { pascalOf, toMeanLevel } from '../level.js';
import type { Random } from '../random.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';
import { randomSpeaker, randomVowel, syllable, type Speaker, type Vowel } from './voice.js';

export type Mood = 'shouting' | 'chanting' | 'cheering' | 'mixed';

export interface CrowdOptions {
  /** Default 12. */
  seconds?: number;
  /** Voices that are synthesised one by one; six times as many are heard. Default 16 to 40. */
  voices?: number;
  mood?: Mood;
  /** Mean level of the whole crowd as if from one point at 1 m. Default: 92 dB a voice, energies added. */
  meanDbSpl?: number;
}

const VOICE_DB_SPL = 92;
const COPIES = 5;

/**
 * A crowd in clamour: many formant voices, each with its throat, distance and habit, that shout over one another,
 * chant together (each a little early or late), cheer with long rising vowels and whistle; under them the roar of
 * the voices too many to tell apart (speech-shaped noise that swells with the cheering).
 */
export function crowd(random: Random, options: CrowdOptions = {}): SourceSound {
  const seconds = options.seconds ?? 12;
  const voices = options.voices ?? random.int(16, 40);
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
  mix(samples, behind(samples, random.fork('behind')), 0, voicesRms * (mood === 'chanting' ? 0.3 : 0.5));
  if (mood !== 'shouting') addClapping(samples, voicesRms * 0.25, random.fork('clapping'));
  for (let w = random.int(0, Math.ceil(voices / 10)); w > 0; w--) {
    addWhistle(samples, voicesRms, random.fork(`whistle${w}`));
  }
  fade(samples, samplesOf(0.8));
  toMeanLevel(samples, options.meanDbSpl ?? VOICE_DB_SPL + 10 * Math.log10(voices * (1 + COPIES)));
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
    const syllables = long ? 1 : random.int(2, 7);
    for (let s = 0; s < syllables; s++) {
      const rise = random.uniform(1, 1.15);
      const from = randomVowel(random, true);
      const sound = syllable(
        speaker,
        {
          seconds: long ? random.uniform(0.4, 1.3) : random.uniform(0.1, 0.35),
          from,
          to: randomVowel(random, true),
          pitch: [random.uniform(0.85, 1), rise, random.uniform(0.75, 1)],
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

/**
 * The many behind, too many to tell apart: copies of the voices in front at other times and pitches (so none can be
 * recognised), duller. RMS about 1. Shaped noise in their place sounds like water, to people and to classifiers.
 */
function behind(front: Float32Array, random: Random): Float32Array {
  const out = new Float32Array(front.length);
  for (let copy = 0; copy < COPIES; copy++) {
    const speed = random.uniform(0.86, 1.16);
    let position = random.uniform(0.15, 0.85) * front.length;
    for (let i = 0; i < out.length; i++) {
      const k = Math.floor(position);
      const x = position - k;
      const next = k + 1 === front.length ? 0 : k + 1;
      out[i] += (1 - x) * front[k] + x * front[next];
      position += speed;
      if (position >= front.length) position -= front.length;
    }
  }
  Biquad.lowpass(3800, SOURCE_RATE_HZ, 0.6).run(out);
  const mean = rms(out);
  for (let i = 0; i < out.length; i++) out[i] /= mean;
  return out;
}

/** Some clap: each at a pace of their own, palms of a pitch of their own. */
function addClapping(samples: Float32Array, reference: number, random: Random): void {
  const clapping = new Float32Array(samples.length);
  for (let person = random.int(4, 14); person > 0; person--) {
    const clap = whiteNoise(samplesOf(0.02), random);
    Biquad.bandpass(random.uniform(900, 2400), SOURCE_RATE_HZ, 1.2).run(clap);
    for (let i = 0; i < clap.length; i++) clap[i] *= Math.exp(-i / 110);
    const pace = random.uniform(0.19, 0.33);
    const until = random.uniform(0.3, 1) * samples.length;
    for (let at = random.next() * 0.5 * until; at < until; at += samplesOf(pace * random.uniform(0.9, 1.1))) {
      mix(clapping, clap, Math.floor(at), random.uniform(0.5, 1));
    }
  }
  mix(samples, clapping, 0, reference / rms(clapping));
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
