import type { CloudEvent } from '../../publish/index.js';
import type { Finding } from './finding.js';
import { median } from './sound-check.js';

const FEWEST_INCIDENTS = 5;
const SOUND_METERS_PER_SECOND = 343;
/** Two metres: what a survey by phone leaves. */
const NOTABLE_SECONDS = 0.006;
/** How many times as large as the other poles' residuals they must be. */
const TIMES_OTHERS = 3;

export interface PlaceReport {
  /** Located incidents that the pole took part in. */
  incidents: number;
  finding?: Finding;
}

/**
 * Whether a pole stands where site.geojson says, by the residuals (measured minus predicted arrival) of located past
 * incidents. A wrong clock looks the same: the finding names both.
 */
export function checkPlace(pole: string, events: Iterable<CloudEvent>): PlaceReport {
  const last = new Map<string, CloudEvent['data']>();
  for (const { data } of events) {
    const known = last.get(data.incidentId);
    if (!known || data.revision >= known.revision) last.set(data.incidentId, data);
  }
  const own: number[] = [];
  const others: number[] = [];
  for (const { method, poles, exercise } of last.values()) {
    if (method !== 'multilateration' || exercise || !poles.some((one) => one.pole === pole)) continue;
    for (const { pole: name, residualSeconds } of poles)
      if (residualSeconds !== undefined) (name === pole ? own : others).push(Math.abs(residualSeconds));
  }
  if (own.length < FEWEST_INCIDENTS || others.length === 0) return { incidents: own.length };
  const [mine, theirs] = [median(own), median(others)];
  if (mine < NOTABLE_SECONDS || mine < TIMES_OTHERS * theirs) return { incidents: own.length };
  const meters = (seconds: number) => `${(seconds * SOUND_METERS_PER_SECOND).toFixed(1)} m`;
  return {
    incidents: own.length,
    finding: {
      kind: 'wrong_place',
      problem: `in ${own.length} located incidents it was off by ${meters(mine)}, the other poles by ${meters(theirs)}`,
      mend: 'Survey its position in site.geojson again; if that is right, its clock is wrong',
    },
  };
}
