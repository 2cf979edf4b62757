import type { Group } from './figures.js';
import type { Estimate } from './interval.js';
import type { Latency, PoleGroup, Report, ZoneGroup } from './report.js';

const HEAD = [
  'table',
  'key',
  'alerts',
  'confirmed',
  'dismissed',
  'unsure',
  'unconfirmed',
  'precision',
  'precisionLow',
  'precisionHigh',
  'soundDays',
  'uptime',
  'falseAlarmsPerPoleDay',
  'falseAlarmsPerPoleDayLow',
  'falseAlarmsPerPoleDayHigh',
  'squareKilometers',
  'alertsPerSquareKilometerDay',
  'alertsPerSquareKilometerDayLow',
  'alertsPerSquareKilometerDayHigh',
  'latencyMedianSeconds',
  'latencyP95Seconds',
  'latencyP99Seconds',
  'latencyMaxSeconds',
] as const;

type Row = Partial<Record<(typeof HEAD)[number], string | number | undefined>>;

/** RFC 4180: one row a group, empty where a figure does not apply or is not known. */
export function reportCsv(report: Report): string {
  const { total, exposure, falseAlarmsPerPoleDay } = report;
  const rows: Row[] = [
    {
      ...group('total', { ...total, key: report.site }),
      soundDays: exposure.poleDays,
      uptime: exposure.uptime,
      ...falseAlarms(falseAlarmsPerPoleDay),
      squareKilometers: exposure.squareKilometers,
    },
    ...report.classes.map((one) => ({
      ...group('class', one),
      ...latency(report.latency.find((of) => of.class === one.key)),
    })),
    ...report.poles.map(pole),
    ...report.hours.map((one) => group('hour', one)),
    ...report.zones.map(zone),
  ];
  const lines = [HEAD.join(','), ...rows.map((row) => HEAD.map((key) => cell(row[key])).join(','))];
  return `${lines.join('\r\n')}\r\n`;
}

function group(table: string, one: Group): Row {
  const { key, alerts, confirmed, dismissed, unsure, unconfirmed, precision } = one;
  return {
    table,
    key,
    alerts,
    confirmed,
    dismissed,
    unsure,
    unconfirmed,
    precision: precision?.value,
    precisionLow: precision?.low,
    precisionHigh: precision?.high,
  };
}

function latency(of: Latency | undefined): Row {
  return {
    latencyMedianSeconds: of?.medianSeconds,
    latencyP95Seconds: of?.p95Seconds,
    latencyP99Seconds: of?.p99Seconds,
    latencyMaxSeconds: of?.maxSeconds,
  };
}

function pole(one: PoleGroup): Row {
  const { soundDays, uptime, falseAlarmsPerPoleDay } = one;
  return { ...group('pole', one), soundDays, uptime, ...falseAlarms(falseAlarmsPerPoleDay) };
}

function zone(one: ZoneGroup): Row {
  const { squareKilometers, alertsPerSquareKilometerDay: density } = one;
  return {
    ...group('zone', one),
    squareKilometers,
    alertsPerSquareKilometerDay: density?.value,
    alertsPerSquareKilometerDayLow: density?.low,
    alertsPerSquareKilometerDayHigh: density?.high,
  };
}

function falseAlarms(estimate: Estimate | undefined): Row {
  return {
    falseAlarmsPerPoleDay: estimate?.value,
    falseAlarmsPerPoleDayLow: estimate?.low,
    falseAlarmsPerPoleDayHigh: estimate?.high,
  };
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  // A spreadsheet would take a name that begins so for a formula.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
