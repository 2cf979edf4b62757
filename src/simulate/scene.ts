import { formatTime, parseTime, secondsToNanos, type Nanos } from '../audio/index.js';
import {
  ClameurError,
  EVENT_CLASSES,
  parseWeather,
  type EventClass,
  type Pole,
  type SceneWeather,
  type Site,
  type Truth,
} from '../config/index.js';
import { LocalPlane } from '../locate/index.js';
import { mix } from './filters.js';
import { background, digitise } from './microphone.js';
import { carry, straightSeconds } from './propagation.js';
import { Random } from './random.js';
import { resampleTo } from './resample.js';
import type { SceneSource, SceneSpec } from './scene-spec.js';
import { SOURCE_RATE_HZ, synthesise, type SourceKind, type SourceSound } from './sources/index.js';

/** Converters of poles whose site does not say. */
const DEFAULT_FULL_SCALE_DB_SPL = 120;
/** A crowd has no point: its truth is good to the size of a square. */
const CROWD_EXTENT_METERS = 60;
/** Rain does not begin with the recording: the fades at a sound’s ends are left outside. */
const AMBIENCE_EDGE_SECONDS = 1;
const WIDE_KINDS: readonly string[] = ['crowd_clamour', 'rain', 'wind', 'traffic'];

export interface PoleSound {
  pole: string;
  rateHz: number;
  /** One a microphone; one in all where the site gives the pole no microphones. */
  channels: Int16Array[];
}

/** A sound of the scene with the options that made it. */
interface Placed {
  source: SceneSource;
  sound: SourceSound;
  index: number;
}

export type RecordingReader = (path: string, peakDbSpl: number) => Promise<Float32Array>;

/** The sounds of a scene, synthesised or read; then asked for one pole after the other. */
export class SceneSimulation {
  readonly startNanos: Nanos;
  readonly poles: readonly Pole[];
  private readonly random: Random;
  private readonly weather: SceneWeather;

  private constructor(
    readonly spec: SceneSpec,
    readonly site: Site,
    private readonly placed: readonly Placed[],
  ) {
    this.random = new Random(spec.seed);
    this.weather = parseWeather(spec.weather) ?? {};
    this.startNanos = parseTime(spec.start);
    this.poles = recordedPoles(site, spec);
  }

  static async prepare(
    spec: SceneSpec,
    site: Site,
    readRecording?: RecordingReader,
  ): Promise<SceneSimulation> {
    const random = new Random(spec.seed);
    const placed: Placed[] = [];
    for (const [index, source] of spec.sources.entries()) {
      placed.push({
        source,
        index,
        sound: await soundOf(source, random.fork(`source${index}`), readRecording),
      });
    }
    return new SceneSimulation(spec, site, placed);
  }

  /** What the pole's microphones write down, each at its own place, by one clock. */
  record(pole: Pole): PoleSound {
    const own = this.random.fork(pole.pole);
    const clockErrorSeconds = this.spec.clockErrorSeconds * own.fork('clock').normal();
    const { microphones } = pole;
    const offsets = microphones && microphones.length > 1 ? microphones : [[0, 0]];
    const channels = offsets.map(([east, north], index) =>
      this.hear(pole, { east, north, index }, own, clockErrorSeconds),
    );
    return { pole: pole.pole, rateHz: this.spec.rateHz, channels };
  }

  /**
   * The town between a source and the pole is the same for all its microphones (`own`); noise is each one’s own. Their
   * heights make no difference: travel times are those on the plane.
   */
  private hear(
    pole: Pole,
    microphone: { east: number; north: number; index: number },
    own: Random,
    clockErrorSeconds: number,
  ): Int16Array {
    const { spec } = this;
    const noises = microphone.index === 0 ? own : own.fork(`microphone${microphone.index}`);
    const pressure = new Float32Array(Math.ceil(spec.seconds * SOURCE_RATE_HZ));
    for (const { source, sound, index } of this.placed) {
      const [eastMeters, northMeters] = new LocalPlane(source.at).toPlane(pole.position);
      const passage = {
        eastMeters: eastMeters + microphone.east,
        northMeters: northMeters + microphone.north,
        emissionSeconds: source.atSeconds,
        clockErrorSeconds,
        weather: this.weather,
        around: { echoes: spec.echoes, wide: WIDE_KINDS.includes(source.kind ?? '') },
        microphone: microphone.index,
      };
      carry(sound.samples, passage, pressure, own.fork(`way${index}`));
    }
    for (const [i, { kind, meanDbSpl }] of spec.ambience.entries()) {
      const seconds = spec.seconds + 2 * AMBIENCE_EDGE_SECONDS;
      const sound = synthesise(kind, noises.fork(`ambience${i}`), { seconds, meanDbSpl });
      mix(pressure, sound.samples, -AMBIENCE_EDGE_SECONDS * SOURCE_RATE_HZ);
    }
    const heard = resampleTo(pressure, SOURCE_RATE_HZ, spec.rateHz).slice();
    const { windSpeed } = this.weather;
    const noise = { levelDbSpl: spec.backgroundDbSpl, ...(windSpeed !== undefined && { windSpeed }) };
    mix(heard, background(heard.length, spec.rateHz, noise, noises.fork('background')), 0);
    return digitise(heard, pole.fullScaleDbSpl ?? DEFAULT_FULL_SCALE_DB_SPL);
  }

  /** What truly happened, by time: the events among the sources. */
  truth(): Truth[] {
    return this.placed
      .flatMap(({ source, sound }) => this.truthOf(source, sound))
      .sort((a, b) => (a.time! < b.time! ? -1 : 1));
  }

  /** When each source's blasts leave (of lasting sounds, its beginning), seconds from the scene's start; by source. */
  emissions(): Array<{ source: SceneSource; seconds: readonly number[] }> {
    return this.placed.map(({ source, sound }) => ({
      source,
      seconds: (sound.onsetsSeconds.length > 0 ? sound.onsetsSeconds : [0]).map(
        (at) => source.atSeconds + at,
      ),
    }));
  }

  private truthOf(source: SceneSource, sound: SourceSound): Truth[] {
    const { expect } = source;
    const kind = (expect !== false && expect?.class) || source.kind;
    if (expect === false || !EVENT_CLASSES.includes(kind as EventClass)) return [];
    const located = expect?.location ?? true;
    const emission = source.atSeconds + (sound.onsetsSeconds[0] ?? 0);
    const accuracyMeters =
      expect?.accuracyMeters ?? (kind === 'crowd_clamour' ? CROWD_EXTENT_METERS : undefined);
    const shots = kind === 'gunshot' && (expect?.shots ?? true) ? sound.onsetsSeconds.length : 0;
    const time = emission + (located ? 0 : this.firstTravel(source));
    return [
      {
        class: kind as EventClass,
        time: formatTime(this.startNanos + secondsToNanos(time), 3),
        ...(shots > 0 && { shots }),
        ...(located && { location: source.at }),
        ...(located && accuracyMeters !== undefined && { accuracyMeters }),
      },
    ];
  }

  /** Where nothing is located, the time of an incident is its first arrival. */
  private firstTravel(source: SceneSource): number {
    const plane = new LocalPlane(source.at);
    const times = this.poles.map((pole) => {
      const [eastMeters, northMeters] = plane.toPlane(pole.position);
      return straightSeconds({ eastMeters, northMeters, weather: this.weather });
    });
    return Math.min(...times);
  }
}

function recordedPoles(site: Site, spec: SceneSpec): Pole[] {
  const names = spec.poles ?? site.poles.filter(({ recorded }) => recorded).map(({ pole }) => pole);
  return names.map((name) => {
    const pole = site.poles.find((one) => one.pole === name);
    if (!pole) {
      throw new ClameurError('SIMULATION_INVALID', {
        what: spec.name,
        problem: `pole "${name}" is not in the site ${site.site}`,
      });
    }
    return pole;
  });
}

/** What a source's specification says besides the options of its sound. */
const PLACING = ['kind', 'recording', 'at', 'atSeconds', 'expect'];
const DEFAULT_RECORDING_PEAK_DB_SPL = 120;

async function soundOf(
  source: SceneSource,
  random: Random,
  readRecording: RecordingReader | undefined,
): Promise<SourceSound> {
  if (source.recording !== undefined && readRecording) {
    const peakDbSpl = source.peakDbSpl ?? DEFAULT_RECORDING_PEAK_DB_SPL;
    return { samples: await readRecording(source.recording, peakDbSpl), onsetsSeconds: [] };
  }
  const options = Object.entries(source).filter(([name]) => !PLACING.includes(name));
  return synthesise(source.kind as SourceKind, random, Object.fromEntries(options));
}
