import Table from 'cli-table3';
import type { Detection } from '../listen/index.js';
import { formatTime } from '../audio/index.js';
import type { CloudEvent, EventData } from '../publish/index.js';
import type { CheckResult } from './check.js';

const plain = { head: [], border: [] };

/** The incidents of a replay, one row each, and under them why each was (or was not) an alert. */
export function renderEvents(last: readonly CloudEvent[]): string {
  if (last.length === 0) return 'No incident: nothing was heard that would alert.\n';
  const table = new Table({
    head: ['time (UTC)', 'class', 'confidence', 'place', '± m (95 %)', 'poles', 'shots', 'method'],
    style: plain,
  });
  for (const { data } of last) {
    table.push([
      data.onset.replace('T', ' ').replace(/(\.\d{3})\d*Z/, '$1'),
      data.class,
      data.confidence.toFixed(2),
      data.location ? data.location.coordinates.map((c) => c.toFixed(5)).join(', ') : 'unknown',
      data.accuracy
        ? `${data.accuracy.semiMajorMeters.toFixed(0)} × ${data.accuracy.semiMinorMeters.toFixed(0)}`
        : '',
      `${data.polesHeard} of ${data.polesHeard + data.polesSilent}`,
      data.shots ? `${data.shots.count}${data.shots.automatic ? ' (automatic)' : ''}` : '',
      data.method,
    ]);
  }
  return `${table.toString()}\n${last.map(({ data }) => renderReasons(data)).join('')}`;
}

function renderReasons(data: EventData): string {
  const poles = data.poles
    .map(
      (p) =>
        `${p.pole} ${p.score.toFixed(2)}${p.residualSeconds === undefined ? '' : ` (${(p.residualSeconds * 1000).toFixed(1)} ms)`}`,
    )
    .join(', ');
  const reasons = (data.reasons ?? []).map((r) => `    ${r.class}: ${r.text}\n`).join('');
  return `  ${data.class} ${data.incidentId.slice(0, 8)}: score (residual) by pole: ${poles}\n${reasons}`;
}

/** What each pole heard by itself, weak arrivals counted only. */
export function renderDetections(detections: readonly Detection[]): string {
  const last = new Map<string, Detection>();
  let weak = 0;
  for (const detection of detections) {
    if (detection.state === 'weak') weak += detection.arrivals.length;
    else last.set(detection.detectionId, detection);
  }
  if (last.size === 0) return `Heard by single poles: nothing sure; ${weak} weak arrivals.\n`;
  const table = new Table({
    head: ['pole', 'class', 'onset (UTC)', 'score', 'next best', 'level dB', 'above noise dB'],
    style: plain,
  });
  for (const d of last.values()) {
    const [name, score] = Object.entries(d.scores)
      .filter(([other]) => other !== d.class)
      .sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
    table.push([
      d.pole,
      d.class,
      formatTime(d.onsetNanos, 3).slice(11),
      d.score.toFixed(2),
      `${name} ${score.toFixed(2)}`,
      d.levelDb.toFixed(1),
      d.snrDb.toFixed(1),
    ]);
  }
  return `Heard by single poles (and ${weak} weak arrivals):\n${table.toString()}\n`;
}

export function renderCheck(result: CheckResult): string {
  const lines = result.matches.map(({ truth, problems, errorMeters }) => {
    const place = errorMeters === undefined ? '' : `, ${errorMeters.toFixed(1)} m from the truth`;
    return problems.length === 0
      ? `  as expected: ${truth.class}${place}`
      : `  DIFFERS: ${truth.class}: ${problems.join('; ')}${place}`;
  });
  for (const event of result.unexpected) lines.push(`  DIFFERS: unexpected ${event.class} at ${event.onset}`);
  return `Check: ${result.ok ? 'passed' : 'FAILED'}\n${lines.join('\n')}${lines.length ? '\n' : ''}`;
}
