const KELVIN = 273.15;
const STANDARD_PRESSURE_PASCAL = 101_325;
/** Mole fraction of carbon dioxide of the reference. */
const CARBON_DIOXIDE = 400e-6;

/**
 * Speed of sound in moist air, m/s. `temperatureC` −40 to 50, `relativeHumidity` 0 to 100 %, pressure in Pa.
 * Method: O. Cramer, J. Acoust. Soc. Am. 93 (1993) 2510. Check: 0 °C dry 331.45; 20 °C 50 % 343.99; 30 °C 50 % 350.31.
 */
export function soundSpeed(
  temperatureC: number,
  relativeHumidity: number,
  pressurePascal = STANDARD_PRESSURE_PASCAL,
): number {
  const t = temperatureC;
  const p = pressurePascal;
  const kelvin = t + KELVIN;
  const saturation = Math.exp(
    1.2378847e-5 * kelvin ** 2 - 1.9121316e-2 * kelvin + 33.93711047 - 6343.1645 / kelvin,
  );
  const enhancement = 1.00062 + 3.14e-8 * p + 5.6e-7 * t ** 2;
  const water = ((relativeHumidity / 100) * enhancement * saturation) / p;
  const co2 = CARBON_DIOXIDE;
  return (
    331.5024 +
    0.603055 * t -
    0.000528 * t ** 2 +
    (51.471935 + 0.1495874 * t - 0.000782 * t ** 2) * water +
    (-1.82e-7 + 3.73e-8 * t - 2.93e-10 * t ** 2) * p +
    (-85.20931 - 0.228525 * t + 5.91e-5 * t ** 2) * co2 -
    2.835149 * water ** 2 -
    2.15e-13 * p ** 2 +
    29.179762 * co2 ** 2 +
    0.000486 * water * p * co2
  );
}
