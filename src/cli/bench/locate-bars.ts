import { tableOf } from '../table.js';
import type { BoundScore } from './locate-bound.js';
import type { LeftOut } from './locate-left-out.js';
import type { StreetScore } from './locate-streets.js';

/** A figure and the limit that it must keep. */
export interface Bar {
  name: string;
  value: number;
  atLeast?: number;
  atMost?: number;
}

export const meets = ({ value, atLeast = -Infinity, atMost = Infinity }: Bar): boolean =>
  value >= atLeast && value <= atMost;

const share = (count: number, of: number): string => (of > 0 ? `${((100 * count) / of).toFixed(1)} %` : '');

export function barTable(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => {
    const { name, value, atLeast, atMost } = bar;
    const limits = [atLeast === undefined ? [] : `≥ ${atLeast}`, atMost === undefined ? [] : `≤ ${atMost}`];
    return [name, value.toFixed(3), limits.flat().join(', '), meets(bar) ? 'met' : 'MISSED'];
  });
  return tableOf(rows, { head: ['', 'measured', 'bar', ''] });
}

export function boundTable(scores: readonly BoundScore[]): string {
  const rows = scores.map((s) => [
    s.poles,
    s.spacingMeters,
    s.sigmaSeconds * 1000,
    s.windSpeed,
    s.rmseMeters.toFixed(2),
    s.boundMeters.toFixed(2),
    (s.rmseMeters / s.boundMeters).toFixed(3),
  ]);
  const head = ['poles', 'spacing m', 'σ ms', 'wind m/s', 'RMSE m', 'bound m', 'ratio'];
  return `Solver alone, noise on the times only\n${tableOf(rows, { head })}`;
}

export function streetTable(scores: readonly StreetScore[]): string {
  const rows = scores.map((s) => [
    s.name,
    s.poles,
    s.windUpTo === 0 ? '0' : `0–${s.windUpTo}`,
    share(s.found, s.trials),
    share(s.located, s.trials),
    share(s.within15, s.trials),
    share(s.held, s.located),
    share(s.heldWide, s.found - s.located),
    `${s.spurious} in ${s.trials}`,
  ]);
  const head = ['', 'poles', 'wind m/s', 'found', 'exact', '≤ 15 m', 'in ellipse', 'in wide one', 'spurious'];
  return (
    'Whole locator, a shot in random towns: paths bent as it supposes, clocks of 1 ms, poles surveyed to 1 m\n' +
    `${tableOf(rows, { head })}\nexact: multilaterated; the others get a wide ellipse round the nearest poles`
  );
}

export function leftOutTable(left: readonly LeftOut[]): string {
  const rows = left.map((row) => [
    row.position,
    row.shots,
    share(row.held, 1),
    `${(row.spreadSeconds * 1000).toFixed(1)} ms`,
    `${row.floorMeters.toFixed(1)} m`,
    share(row.heldByOthers, 1),
  ]);
  const head = [
    'left out',
    'shots',
    'in ellipse',
    'spread by the others',
    'floor by the others',
    'in that ellipse',
  ];
  return (
    `Leave-one-firing-position-out\n${tableOf(rows, { head })}\n` +
    'Shots of one position share their bias: few positions tell the floor roughly.'
  );
}
