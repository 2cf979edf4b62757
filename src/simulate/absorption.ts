const REFERENCE_KELVIN = 293.15;
const TRIPLE_POINT_KELVIN = 273.16;
const KELVIN = 273.15;
const REFERENCE_PASCAL = 101_325;

/**
 * Absorption of a pure tone by the atmosphere, dB per metre. `hz` 50 to 10 000, `temperatureC` −20 to 50,
 * `relativeHumidity` 10 to 100 %. Method: ISO 9613-1:1993, equations (3) to (5) and annex B for the water's share.
 * Check, 20 °C 70 %: 1.1 dB/km at 250 Hz, 5.0 at 1 kHz, 23.1 at 4 kHz, 77.6 at 8 kHz.
 */
export function absorptionDbPerMeter(
  hz: number,
  temperatureC: number,
  relativeHumidity: number,
  pressurePascal = REFERENCE_PASCAL,
): number {
  const t = temperatureC + KELVIN;
  const pressure = pressurePascal / REFERENCE_PASCAL;
  const water =
    (relativeHumidity * Math.pow(10, -6.8346 * Math.pow(TRIPLE_POINT_KELVIN / t, 1.261) + 4.6151)) / pressure;
  const relaxOxygen = pressure * (24 + (4.04e4 * water * (0.02 + water)) / (0.391 + water));
  const relaxNitrogen =
    pressure *
    Math.pow(t / REFERENCE_KELVIN, -0.5) *
    (9 + 280 * water * Math.exp(-4.17 * (Math.pow(t / REFERENCE_KELVIN, -1 / 3) - 1)));
  const f2 = hz * hz;
  const classical = (1.84e-11 / pressure) * Math.sqrt(t / REFERENCE_KELVIN);
  const oxygen = (0.01275 * Math.exp(-2239.1 / t)) / (relaxOxygen + f2 / relaxOxygen);
  const nitrogen = (0.1068 * Math.exp(-3352 / t)) / (relaxNitrogen + f2 / relaxNitrogen);
  return 8.686 * f2 * (classical + Math.pow(t / REFERENCE_KELVIN, -2.5) * (oxygen + nitrogen));
}
