import { floorTo, type Nanos } from '../audio/index.js';
import type { EventClass } from '../config/index.js';

/** The onset of one impulse at one pole; weak ones too. */
export interface Arrival {
  /** UTC of the onset at the microphone. */
  timeNanos: Nanos;
  /** 1σ of picking the onset, seconds; the clock's part is `clockUncertaintySeconds`. */
  onsetUncertaintySeconds: number;
  /** 1σ of the pole's clock at that frame, seconds; absent = unknown: good to detect with, useless to locate with. */
  clockUncertaintySeconds?: number;
  /** Peak level of the impulse: dB SPL where the pole's `fullScaleDbSpl` is known, else dBFS. */
  levelDb: number;
  /** How far the onset rises above the background just before it, dB. */
  strengthDb: number;
  /** The model's scores (0 to 1, rounded to 0.001) of the patch that judged this arrival, by class name. */
  scores: Readonly<Record<string, number>>;
  /** Where the pole has several microphones: direction the sound came from, degrees clockwise from north. */
  bearingDegrees?: number;
  bearingUncertaintyDegrees?: number;
  /** Too soon after a shot, or too weak beside it, to be another: its echo, most likely. Not counted as a shot here. */
  echo?: true;
}

/**
 * `weak`: arrivals below what counts as heard, kept only so that another pole's shot can be located with them;
 * its class is the impulse class that scored best. `open`: first report. `ongoing`: more arrivals, or 5 s went by.
 * `closed`: the last report.
 */
export type DetectionState = 'weak' | 'open' | 'ongoing' | 'closed';

/** Scalars that explain a detection to an operator; never a series. Units in the name, absent where undefined. */
export type SpectralFeatures = Readonly<Record<string, number>>;

/** One class heard at one pole: arrivals (impulses) or a span (crowds). */
export interface Detection {
  /** The same for every report of one detection: `<pole>.<class>.<onset in 10 ms>`. */
  detectionId: string;
  pole: string;
  class: EventClass;
  state: DetectionState;
  /** First arrival, or the start of the span. */
  onsetNanos: Nanos;
  /** Sound time from which this report could be made: the end of the patch that decided it. Later than its onset. */
  knownNanos?: Nanos;
  /** Absent while open. */
  endNanos?: Nanos;
  /** All arrivals so far, by time (impulses; at most the latest 64). Empty for crowds. */
  arrivals: readonly Arrival[];
  /** Highest score of `class` so far, 0 to 1. */
  score: number;
  /** Highest (impulses) or mean (crowds) score so far by model class: the runner-up classes for the reasons. */
  scores: Readonly<Record<string, number>>;
  /** Highest (impulses) or energy-mean (crowds) level so far; unit as in Arrival. */
  levelDb: number;
  /** Level over the background, dB. */
  snrDb: number;
  features?: SpectralFeatures;
}

/** Names one detection for life. */
export function detectionId(pole: string, name: EventClass, onsetNanos: Nanos): string {
  return `${pole}.${name}.${floorTo(onsetNanos, 10_000_000n) / 10_000_000n}`;
}
