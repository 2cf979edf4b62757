import type { Nanos } from '../../audio/index.js';
import type { City } from './city.js';
import type { SoakFeed } from './soak-feed.js';
import type { FalseAlarm, MemoryReading, SoakTotals } from './soak-report.js';

/** What a run of either kind is given, and what it brings. */
export interface SoakJob {
  city: City;
  seconds: number;
  /** The feeds' sound, by pole, once it is known when it begins. */
  feedsFrom: (startNanos: Nanos) => Map<string, SoakFeed>;
  onAlarm: (alarm: FalseAlarm) => void;
  say: (line: string) => void;
}
export interface SoakRun {
  figures: Pick<SoakTotals, 'timesRealTime' | 'patches' | 'onsets' | 'dropped'>;
  readings: MemoryReading[];
}
