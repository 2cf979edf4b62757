import type { Site } from '../config/index.js';
import type { CloudEvent } from '../publish/index.js';
import { alertsOf, type Alert } from './alert.js';
import { figuresOf, groupsOf, type Figures, type Group } from './figures.js';
import { rate, type Estimate } from './interval.js';
import { suggestThresholds, type Suggestion } from './suggestions.js';
import type { TallyRecord } from './tally.js';
import type { RecordedVerdict } from './verdict.js';
import { hullSquareKilometers, OUTSIDE, squareKilometers, zonesOf } from './zones.js';

const DAY_SECONDS = 86_400;

export interface ReportInput {
  site: Site;
  fromMillis: number;
  toMillis: number;
  nowMillis: number;
  /** Of the site, any order; older ones than `fromMillis` do no harm. */
  events: readonly CloudEvent[];
  /** When the oldest event in EVENTS was stored: before it, alerts without a verdict are not known. */
  eventsSinceMillis?: number;
  verdicts: readonly RecordedVerdict[];
  tallies: readonly TallyRecord[];
}

export interface PoleGroup extends Group {
  soundDays: number;
  /** Sound heard, of the span. */
  uptime: number;
  falseAlarmsPerPoleDay?: Estimate;
}

export interface ZoneGroup extends Group {
  squareKilometers?: number;
  poles: number;
  /** Alerts a square kilometre and day, so that a skew between districts shows. */
  alertsPerSquareKilometerDay?: Estimate;
}

export interface Latency {
  count: number;
  medianSeconds: number;
  p95Seconds: number;
  p99Seconds: number;
  maxSeconds: number;
}

export interface Report {
  site: string;
  from: string;
  to: string;
  made: string;
  timeZone: string;
  /** Before it, only alerts with a verdict are known. Absent: the whole span is. */
  completeSince?: string;
  total: Figures;
  exposure: { poles: number; poleDays: number; uptime: number; squareKilometers: number };
  /** Dismissed alerts a pole-day; the upper one counts the unconfirmed as false too. */
  falseAlarmsPerPoleDay?: Estimate;
  unwantedAtMostPerPoleDay?: Estimate;
  classes: Group[];
  poles: PoleGroup[];
  hours: Group[];
  zones: ZoneGroup[];
  latency: Array<Latency & { class: string }>;
  suggestions: Suggestion[];
}

/** Pure: the same records give the same report. */
export function composeReport(input: ReportInput): Report {
  const { site, fromMillis, toMillis, nowMillis, events, eventsSinceMillis, verdicts, tallies } = input;
  const alerts = alertsOf(events, verdicts, { fromMillis, toMillis, zoneOf: zonesOf(site) });
  const timeZone = site.hours?.timeZone ?? 'UTC';
  const spanDays = (toMillis - fromMillis) / 1000 / DAY_SECONDS;
  const sound = soundDays(tallies, fromMillis, toMillis);
  const poleDays = [...sound.values()].reduce((sum, days) => sum + days, 0);
  const listening = site.poles.filter(({ recorded }) => recorded).length;
  const total = figuresOf(alerts);
  return {
    site: site.site,
    from: new Date(fromMillis).toISOString(),
    to: new Date(toMillis).toISOString(),
    made: new Date(nowMillis).toISOString(),
    timeZone,
    ...(eventsSinceMillis !== undefined &&
      eventsSinceMillis > fromMillis && { completeSince: new Date(eventsSinceMillis).toISOString() }),
    total,
    exposure: {
      poles: listening,
      poleDays,
      uptime: Math.min(1, poleDays / (listening * spanDays) || 0),
      squareKilometers: hullSquareKilometers(site),
    },
    ...some('falseAlarmsPerPoleDay', rate(total.dismissed, poleDays)),
    ...some('unwantedAtMostPerPoleDay', rate(total.dismissed + total.unconfirmed + total.unsure, poleDays)),
    classes: groupsOf(alerts, 'class'),
    poles: polesOf(site, groupsOf(alerts, 'pole'), sound, spanDays),
    hours: groupsOf(alerts, 'hour', timeZone),
    zones: zoneGroups(site, groupsOf(alerts, 'zone'), spanDays),
    latency: groupsOf(alerts, 'class').flatMap(({ key }) => latencyOf(key, alerts)),
    suggestions: suggestThresholds(alerts),
  };
}

/** Every pole that has a feed or an alert: one that is silent shows as such. */
function polesOf(
  site: Site,
  groups: readonly Group[],
  sound: ReadonlyMap<string, number>,
  spanDays: number,
): PoleGroup[] {
  const known = new Map(groups.map((group) => [group.key, group]));
  for (const { pole, recorded } of site.poles)
    if (recorded && !known.has(pole)) known.set(pole, { key: pole, ...figuresOf([]) });
  return [...known.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((group) => {
      const days = sound.get(group.key) ?? 0;
      return {
        ...group,
        soundDays: days,
        uptime: Math.min(1, days / spanDays),
        ...some('falseAlarmsPerPoleDay', rate(group.dismissed, days)),
      };
    });
}

function zoneGroups(site: Site, groups: readonly Group[], spanDays: number): ZoneGroup[] {
  const { zones = [], poles } = site;
  if (zones.length === 0) return [];
  const zoneOfPole = zonesOf({ ...site, zones });
  const standing = (zone: string) =>
    poles.filter(
      ({ recorded, position }) =>
        recorded &&
        zoneOfPole({ data: { location: { coordinates: position }, poles: [] } as never }) === zone,
    ).length;
  const known = new Map(groups.map((group) => [group.key, group]));
  const row = (key: string, area?: number): ZoneGroup => {
    const group = known.get(key) ?? { key, ...figuresOf([]) };
    return {
      ...group,
      poles: standing(key),
      ...(area !== undefined && { squareKilometers: area }),
      ...(area !== undefined && some('alertsPerSquareKilometerDay', rate(group.alerts, area * spanDays))),
    };
  };
  return [
    ...zones.map((zone) => row(zone.name, squareKilometers(zone))),
    ...(known.has(OUTSIDE) ? [row(OUTSIDE)] : []),
  ];
}

/** Days of sound by pole; a tally that lies only partly in the span counts by its share. */
function soundDays(
  tallies: readonly TallyRecord[],
  fromMillis: number,
  toMillis: number,
): Map<string, number> {
  const days = new Map<string, number>();
  for (const { from, to, soundSeconds } of tallies) {
    const [begin, end] = [Date.parse(from), Date.parse(to)];
    const within = Math.min(end, toMillis) - Math.max(begin, fromMillis);
    if (within <= 0) continue;
    for (const [pole, seconds] of Object.entries(soundSeconds))
      days.set(pole, (days.get(pole) ?? 0) + (seconds * (within / (end - begin))) / DAY_SECONDS);
  }
  return days;
}

function latencyOf(eventClass: string, alerts: readonly Alert[]): Array<Latency & { class: string }> {
  const seconds = alerts
    .flatMap((alert) => (alert.class === eventClass ? (alert.latencySeconds ?? []) : []))
    .sort((a, b) => a - b);
  if (seconds.length === 0) return [];
  /** Nearest rank. */
  const quantile = (p: number) => seconds[Math.max(0, Math.ceil(p * seconds.length) - 1)];
  return [
    {
      class: eventClass,
      count: seconds.length,
      medianSeconds: quantile(0.5),
      p95Seconds: quantile(0.95),
      p99Seconds: quantile(0.99),
      maxSeconds: seconds.at(-1)!,
    },
  ];
}

function some<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
