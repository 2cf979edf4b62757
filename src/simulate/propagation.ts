import { airFrom, travelSeconds, type Weather } from '../locate/index.js';
import { convolve } from './fft.js';
import { mix } from './filters.js';
import { diffuseTail, soundPaths, type Surroundings } from './paths.js';
import type { Random } from './random.js';
import { impulseResponse } from './response.js';

const DEFAULT_TEMPERATURE_C = 15;
const DEFAULT_RELATIVE_HUMIDITY = 60;

export interface Passage {
  /** From the source to the pole, metres east and north. */
  eastMeters: number;
  northMeters: number;
  /** When the sound's first sample leaves, seconds of the target; any fraction of a sample. */
  emissionSeconds: number;
  /** The pole's clock minus the true time, seconds. */
  clockErrorSeconds?: number;
  weather: Weather;
  around?: Surroundings;
  /** Which of several microphones of one pole: the diffuse tail is another one at each. Default 0. */
  microphone?: number;
}

/** Seconds that sound needs over a distance in this weather (wind carries it along). */
export function straightSeconds(passage: Pick<Passage, 'eastMeters' | 'northMeters' | 'weather'>): number {
  const air = airFrom(passage.weather);
  return travelSeconds(passage.eastMeters, passage.northMeters, air.soundSpeed, air.windEast, air.windNorth);
}

/**
 * Adds what a pole hears of one sound to `target` (pascal at 48 kHz): travel time with weather and wind,
 * 1/r, the air's absorption, ground, façades, diffuse tail. The same stream of `random` gives the same town between
 * source and pole. Microphones of one pole hear the echoes from where they hear the sound itself, and a tail each.
 */
export function carry(source: Float32Array, passage: Passage, target: Float32Array, random: Random): void {
  const meters = Math.hypot(passage.eastMeters, passage.northMeters);
  const paths = soundPaths(meters, random.fork('paths'), passage.around);
  const tail =
    (passage.around?.echoes ?? true) ? diffuseTail(meters, random.fork('tail'), passage.around) : undefined;
  const air = {
    temperatureC: passage.weather.temperatureC ?? DEFAULT_TEMPERATURE_C,
    relativeHumidity: passage.weather.relativeHumidity ?? DEFAULT_RELATIVE_HUMIDITY,
  };
  const tailOf = passage.microphone ? `diffuse${passage.microphone}` : 'diffuse';
  const shift = straightSeconds(passage) + passage.emissionSeconds + (passage.clockErrorSeconds ?? 0);
  const response = impulseResponse(shift, paths, tail, air, random.fork(tailOf));
  const room = target.length - response.startSample;
  if (room <= 0) return;
  // What would arrive after the end need not be computed.
  const heard = source.length > room ? source.subarray(0, room) : source;
  mix(target, convolve(heard, response.taps), response.startSample);
}
