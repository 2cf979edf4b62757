import type { Figures, Group } from './figures.js';
import { escapeHtml, htmlPage, htmlTable, type HtmlCell } from './html.js';
import type { Estimate } from './interval.js';
import type { Report } from './report.js';

const COUNTS = ['alerts', 'confirmed', 'dismissed', 'unsure', 'no verdict', 'precision, 95 %'];

/** The report as one page to read, print or send. */
export function reportHtml(report: Report): string {
  return htmlPage(`Clameur at ${report.site}`, reportBody(report));
}

/** The same without the page round it, for the impact assessment. */
export function reportBody(report: Report): string {
  const { total, exposure, completeSince, suggestions } = report;
  const per = (estimate: Estimate | undefined) =>
    estimate ? `${ranged(estimate, (v) => v.toPrecision(2))} a pole-day` : 'not known: no sound was counted';
  const reasons = Object.entries(total.reasons).map(([reason, count]): HtmlCell[] => [reason, count]);
  return `<h1>${escapeHtml(report.site)}: what was told, and what came of it</h1>
<p>Alerts that began from ${report.from} to before ${report.to}, as known on ${report.made}. Exercises are left out.
Intervals are 95 % (Wilson for shares, Byar for rates).</p>
${completeSince ? `<p><strong>Before ${completeSince} events have gone: of that time only alerts with a verdict are counted.</strong></p>\n` : ''}<dl>
<dt>Precision: confirmed, of confirmed and dismissed</dt><dd>${percent(total.precision)}</dd>
<dt>Confirmed, of all alerts (an alert without a verdict is not a false one)</dt><dd>${percent(total.confirmedOfAll)}</dd>
<dt>False alarms (dismissed)</dt><dd>${escapeHtml(per(report.falseAlarmsPerPoleDay))}</dd>
<dt>At most, were all that is not confirmed false</dt><dd>${escapeHtml(per(report.unwantedAtMostPerPoleDay))}</dd>
<dt>Sound heard</dt><dd>${exposure.poleDays.toFixed(1)} pole-days at ${exposure.poles} poles, ${(exposure.uptime * 100).toFixed(1)} % of the span</dd>
</dl>
${htmlTable('By class', ['class', ...COUNTS], report.classes.map(counts))}${htmlTable('Dismissed, by reason', ['reason', 'alerts'], reasons)}${htmlTable(
    'By zone',
    ['zone', ...COUNTS, 'km²', 'poles', 'alerts a km² and day, 95 %'],
    report.zones.map((zone) => [
      ...counts(zone),
      zone.squareKilometers?.toFixed(3),
      zone.poles,
      zone.alertsPerSquareKilometerDay && ranged(zone.alertsPerSquareKilometerDay, (v) => v.toPrecision(2)),
    ]),
  )}${htmlTable(
    'By nearest pole',
    ['pole', ...COUNTS, 'days of sound', 'of the span', 'false a pole-day, 95 %'],
    report.poles.map((pole) => [
      ...counts(pole),
      pole.soundDays.toFixed(2),
      `${(pole.uptime * 100).toFixed(1)} %`,
      pole.falseAlarmsPerPoleDay && ranged(pole.falseAlarmsPerPoleDay, (v) => v.toPrecision(2)),
    ]),
  )}${htmlTable(`By hour (${report.timeZone})`, ['hour', ...COUNTS], report.hours.map(counts))}${htmlTable(
    'From the sound to the message, seconds (first message of an alert)',
    ['class', 'alerts', 'median', '95 %', '99 %', 'longest'],
    report.latency.map((one) => [
      one.class,
      one.count,
      ...[one.medianSeconds, one.p95Seconds, one.p99Seconds, one.maxSeconds].map((s) => s.toFixed(2)),
    ]),
  )}${htmlTable(
    'Thresholds that the verdicts speak for (nothing applies them: put them under listen.poleThresholds)',
    ['pole', 'class', 'on', 'dismissed it would have spared', 'confirmed, none lost of'],
    suggestions.map((one) => [
      one.pole,
      one.class,
      one.on.toFixed(3),
      `${one.avoids} of ${one.dismissed}`,
      one.confirmed,
    ]),
  )}`;
}

function counts(group: Group): HtmlCell[] {
  const { key, alerts, confirmed, dismissed, unsure, unconfirmed }: Group & Figures = group;
  return [
    key,
    alerts,
    confirmed,
    dismissed,
    unsure,
    unconfirmed,
    group.precision && percent(group.precision),
  ];
}

export function percent(estimate: Estimate | undefined): string {
  if (!estimate) return 'no verdict yet';
  return ranged(estimate, (value) => `${(value * 100).toFixed(0)} %`);
}

function ranged({ value, low, high }: Estimate, show: (value: number) => string): string {
  return `${show(value)} (${show(low)} to ${show(high)})`;
}
