import { formatTime, parseTime, secondsToNanos, type Nanos } from '../../audio/index.js';
import { parseSite, type Site } from '../../config/index.js';
import { LocalPlane } from '../../locate/index.js';
import {
  parseSceneSpec,
  resampleTo,
  SceneSimulation,
  SOURCE_RATE_HZ,
  straightSeconds,
  type Random,
} from '../../simulate/index.js';
import { cityOf, siteJson } from '../bench/city.js';
import { asFloats, readMono } from '../mono.js';
import type { Clip } from './clip-list.js';
import type { SoundEvent } from './events.js';

/** Four poles at the corners of a square, 300 m apart: what is heard by one is heard by all, fainter. */
const CITY = cityOf('soundscape', 1, 2, 2);
const SITE: Site = parseSite(siteJson(CITY));
const START = parseTime('2026-01-01T00:00:00Z');
const WEATHER = { temperatureC: 15, relativeHumidity: 60 };
/** Times between two sounds: impulse incidents close after 5 s of quiet, crowds after 15 s. */
const GAP_SECONDS = [9, 24] as const;
const CROWD_GAP_SECONDS = 18;
const OUTSIDE_METERS = 60;
/** Half of what happens is no alert. */
const CONFUSER_SHARE = 0.5;
const CLIP_SHARE = 0.5;
const CLIP_SECONDS = 5;
/** A shot or a bang, as an event with a length: PSDS compares stretches of time. */
export const IMPULSE_SECONDS = 0.5;

const MADE_ALERTS = ['gunshot', 'gunshot', 'explosion', 'crowd_clamour'] as const;
const MADE_CONFUSERS = [
  ...['fireworks', 'thunder', 'door', 'engine', 'jackhammer', 'hammer', 'siren', 'horn'],
  ...['speech', 'music', 'dog', 'glass'],
] as const;
const AMBIENCE = [[], ['traffic'], ['rain'], ['wind'], ['speech', 'traffic']] as const;
/** Peak at 1 m of a clip as a source: what it would have been near by. dB SPL. */
const CLIP_PEAK_DB_SPL: Record<Clip['class'], readonly [number, number]> = {
  gunshot: [150, 162],
  explosion: [155, 168],
  crowd_clamour: [112, 122],
  negative: [95, 135],
};

/** Some minutes of what four poles hear, with what truly happened. */
export interface Soundscape {
  name: string;
  site: Site;
  startNanos: Nanos;
  seconds: number;
  /** By pole: 16 kHz, full scale ±1. */
  sounds: Map<string, Float32Array>;
  /** At the first pole that each reaches; seconds from the start. */
  truths: SoundEvent[];
}

interface Planned {
  class: Clip['class'];
  source: Record<string, unknown>;
  seconds: number;
  /** From the source's first sample to its bang. */
  leadSeconds: number;
}

/**
 * A seeded soundscape: alerts and confusers in turn at random places, synthesised or taken from `clips`, over traffic,
 * rain, wind or talk, through the simulate room's town. One of an endless series by `index`.
 */
export async function makeSoundscape(
  index: number,
  seconds: number,
  clips: readonly Clip[],
  random: Random,
): Promise<Soundscape> {
  const plane = new LocalPlane(CITY.middle);
  const startNanos = START + secondsToNanos(index * seconds);
  const planned: Planned[] = [];
  for (let at = random.uniform(5, 12); at < seconds - 15;) {
    const one = await planOne(clips, random);
    const west = Math.min(...CITY.poles.map(({ east }) => east)) - OUTSIDE_METERS;
    const south = Math.min(...CITY.poles.map(({ north }) => north)) - OUTSIDE_METERS;
    const side = 300 + 2 * OUTSIDE_METERS;
    const place = plane.fromPlane([west + random.uniform(0, side), south + random.uniform(0, side)]);
    planned.push({ ...one, source: { ...one.source, at: place, atSeconds: at } });
    at +=
      one.seconds + random.uniform(...GAP_SECONDS) + (one.class === 'crowd_clamour' ? CROWD_GAP_SECONDS : 0);
  }
  const ambience = random
    .pick(AMBIENCE)
    .map((kind) => ({ kind, meanDbSpl: random.uniform(48, kind === 'speech' ? 62 : 70) }));
  const spec = parseSceneSpec({
    name: `soundscape ${index + 1}`,
    seed: `${random.next()}`,
    start: formatTime(startNanos),
    seconds,
    weather: WEATHER,
    backgroundDbSpl: random.uniform(42, 56),
    ambience,
    sources: planned.map(({ source }) => source),
  });
  const simulation = await SceneSimulation.prepare(spec, SITE, async (file, peakDbSpl) => {
    const source = resampleTo(await readMono(file, CLIP_SECONDS), 16_000, SOURCE_RATE_HZ);
    return atPeak(source, peakDbSpl);
  });
  const sounds = new Map<string, Float32Array>();
  for (const pole of simulation.poles) {
    const { channels } = simulation.record(pole);
    sounds.set(pole.pole, asFloats(channels[0]));
  }
  const truths = simulation.emissions().flatMap(({ source, seconds: blasts }, i): SoundEvent[] => {
    const plan = planned[i];
    if (plan.class === 'negative') return [];
    const own = new LocalPlane(source.at);
    const travel = Math.min(
      ...simulation.poles.map(({ position }) => {
        const [eastMeters, northMeters] = own.toPlane(position);
        return straightSeconds({ eastMeters, northMeters, weather: WEATHER });
      }),
    );
    const onset = blasts[0] + plan.leadSeconds + travel;
    const last =
      plan.class === 'crowd_clamour'
        ? onset + plan.seconds
        : blasts[blasts.length - 1] + plan.leadSeconds + travel + IMPULSE_SECONDS;
    return [{ file: spec.name, class: plan.class, onset, offset: last }];
  });
  return { name: spec.name, site: SITE, startNanos, seconds, sounds, truths };
}

async function planOne(clips: readonly Clip[], random: Random): Promise<Planned> {
  const negative = random.chance(CONFUSER_SHARE);
  const fitting = clips.filter((clip) => (clip.class === 'negative') === negative);
  if (fitting.length > 0 && random.chance(CLIP_SHARE)) {
    // By class first: a folder with a thousand explosions and ten crowds is to give both.
    const kind = random.pick([...new Set(fitting.map((clip) => clip.class))]);
    const clip = random.pick(fitting.filter((one) => one.class === kind));
    const samples = await readMono(clip.file, CLIP_SECONDS);
    return {
      class: clip.class,
      source: {
        recording: clip.file,
        peakDbSpl: random.uniform(...CLIP_PEAK_DB_SPL[clip.class]),
        expect: false,
      },
      seconds: samples.length / 16_000,
      leadSeconds: clip.class === 'crowd_clamour' ? 0 : bangSeconds(samples),
    };
  }
  if (negative)
    return {
      class: 'negative',
      source: { kind: random.pick(MADE_CONFUSERS), expect: false },
      seconds: 6,
      leadSeconds: 0,
    };
  const kind = random.pick(MADE_ALERTS);
  const own =
    kind === 'crowd_clamour'
      ? { seconds: Math.round(random.uniform(6, 12)) }
      : kind === 'gunshot'
        ? { shots: random.pick([1, 1, 2, 3, 5]), automatic: random.chance(0.2) }
        : {};
  return {
    class: kind,
    source: { kind, ...own },
    seconds: 'seconds' in own ? own.seconds : 3,
    leadSeconds: 0,
  };
}

/** Where a clip first reaches a third of its peak. */
function bangSeconds(samples: Float32Array): number {
  let peak = 0;
  for (const x of samples) peak = Math.max(peak, Math.abs(x));
  return (
    Math.max(
      0,
      samples.findIndex((x) => Math.abs(x) >= peak / 3),
    ) / 16_000
  );
}

function atPeak(samples: Float32Array, peakDbSpl: number): Float32Array {
  let peak = 0;
  for (const x of samples) peak = Math.max(peak, Math.abs(x));
  const gain = peak > 0 ? (20e-6 * 10 ** (peakDbSpl / 20)) / peak : 0;
  return samples.map((x) => x * gain);
}
