import type { Weather } from './incident.js';
import { soundSpeed } from './sound-speed.js';

/** What carries the sound, with the 1σ of what is not known of it. East and north point where the wind blows to. */
export interface Air {
  soundSpeed: number;
  soundSpeedSigma: number;
  windEast: number;
  windNorth: number;
  /** Of each component. */
  windSigma: number;
}

// A mast on a roof and the streets below differ: a degree and a half, and a third of the wind.
const KNOWN_TEMPERATURE_SIGMA_C = 1.5;
const KNOWN_WIND_SIGMA = 0.7;
const KNOWN_WIND_SIGMA_SHARE = 0.15;
// Where nobody tells: a temperate town, from frost to heat; wind in any direction, a mistral now and then.
const UNKNOWN_TEMPERATURE_C = 15;
const UNKNOWN_TEMPERATURE_SIGMA_C = 10;
const UNKNOWN_WIND_SIGMA = 8;
const UNKNOWN_HUMIDITY = 60;
const UNKNOWN_HUMIDITY_SIGMA_METERS_PER_SECOND = 0.4;
const METERS_PER_SECOND_PER_C = 0.6;

/** Air from weather; what is missing gets the prior of a temperate town, with its spread. */
export function airFrom(weather: Weather = {}): Air {
  const { temperatureC, relativeHumidity, windSpeed, windFromDegrees } = weather;
  const temperatureSigma =
    temperatureC === undefined ? UNKNOWN_TEMPERATURE_SIGMA_C : KNOWN_TEMPERATURE_SIGMA_C;
  const humiditySigma = relativeHumidity === undefined ? UNKNOWN_HUMIDITY_SIGMA_METERS_PER_SECOND : 0;
  const speedSigma = Math.hypot(temperatureSigma * METERS_PER_SECOND_PER_C, humiditySigma);
  const c = soundSpeed(temperatureC ?? UNKNOWN_TEMPERATURE_C, relativeHumidity ?? UNKNOWN_HUMIDITY);
  if (windSpeed === undefined) {
    return {
      soundSpeed: c,
      soundSpeedSigma: speedSigma,
      windEast: 0,
      windNorth: 0,
      windSigma: UNKNOWN_WIND_SIGMA,
    };
  }
  if (windFromDegrees === undefined) {
    const windSigma = Math.hypot(KNOWN_WIND_SIGMA, windSpeed / Math.SQRT2);
    return { soundSpeed: c, soundSpeedSigma: speedSigma, windEast: 0, windNorth: 0, windSigma };
  }
  const from = (windFromDegrees * Math.PI) / 180;
  return {
    soundSpeed: c,
    soundSpeedSigma: speedSigma,
    windEast: -windSpeed * Math.sin(from),
    windNorth: -windSpeed * Math.cos(from),
    windSigma: Math.hypot(KNOWN_WIND_SIGMA, windSpeed * KNOWN_WIND_SIGMA_SHARE),
  };
}
