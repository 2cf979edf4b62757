import { language } from './settings.js';
import { t } from './texts.js';

const locale = () => (language.value === 'fr' ? 'fr-FR' : 'en-GB');
export const number = (value: number, digits = 0) =>
  value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const percent = (value: number) => `${number(value * 100)} %`;
export const meters = (value: number) =>
  value >= 10_000 ? `${number(value / 1000)} km` : `${number(value)} m`;
export const seconds = (value: number, digits = 2) => `${number(value, digits)} s`;
export const millis = (value: number, digits = 1) => `${number(value * 1000, digits)} ms`;
export const place = ([lon, lat]: readonly number[]) => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;

/** UTC, to the millisecond, as every message has it. */
export const clock = (time: string) => time.slice(11, 23);
export const day = (time: string) => time.slice(0, 10);

export function ago(time: string, nowMillis = Date.now()): string {
  const passed = Math.max(0, (nowMillis - Date.parse(time)) / 1000);
  const [value, unit] =
    passed < 60
      ? [passed, 's']
      : passed < 3600
        ? [passed / 60, 'min']
        : passed < 172_800
          ? [passed / 3600, 'h']
          : [passed / 86_400, t('days')];
  return t('ago', `${number(Math.floor(value as number))} ${unit}`);
}

/** A clock's doubt over nine powers of ten. */
export function doubt(secondsOff: number | undefined): string {
  if (secondsOff === undefined) return t('unknown');
  if (secondsOff >= 1) return seconds(secondsOff, 1);
  if (secondsOff >= 1e-3) return `${number(secondsOff * 1e3, 1)} ms`;
  return `${number(secondsOff * 1e6, 1)} µs`;
}

/** min:s.tenth of a recording. */
export function offset(value: number): string {
  const whole = Math.floor(value / 60);
  return `${whole}:${(value - whole * 60).toFixed(1).padStart(4, '0')}`;
}
