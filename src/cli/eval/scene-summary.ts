import type { EventData } from '../../publish/index.js';
import { ellipseDistance, LocalPlane } from '../../locate/index.js';

export interface SceneScore {
  scene: string;
  ok: boolean;
  truths: Array<{
    class: string;
    heardAs?: string;
    method?: string;
    confidence?: number;
    polesHeard?: number;
    errorMeters?: number;
    insideEllipse?: boolean;
    problems: string[];
  }>;
  unexpected: string[];
  problems: string[];
}

/** Totals over scenes: found = an incident of the right class; located = by multilateration and within 25 m. */
export function summarise(scores: readonly SceneScore[]): Record<string, number> {
  const truths = scores.flatMap((score) => score.truths);
  const found = truths.filter((truth) => truth.heardAs === truth.class);
  const located = found.filter((truth) => truth.method === 'multilateration');
  const errors = located.flatMap(({ errorMeters }) => errorMeters ?? []).sort((a, b) => a - b);
  const inside = located.filter((truth) => truth.insideEllipse === true).length;
  const share = (part: number, whole: number): number =>
    whole === 0 ? 1 : Math.round((part / whole) * 1000) / 1000;
  return {
    scenes: scores.length,
    passed: scores.filter(({ ok }) => ok).length,
    truths: truths.length,
    found: found.length,
    foundShare: share(found.length, truths.length),
    located: located.length,
    // Nothing to say of places where no truth names one.
    ...(errors.length > 0 && {
      within25mShare: share(errors.filter((e) => e <= 25).length, truths.length),
      errorMedianMeters: quantile(errors, 0.5),
      error95Meters: quantile(errors, 0.95),
      errorMaxMeters: errors[errors.length - 1],
      ellipseHoldsTruthShare: share(inside, errors.length),
    }),
    unexpected: scores.reduce((sum, { unexpected }) => sum + unexpected.length, 0),
  };
}

/** `sorted` ascending and not empty; the nearest rank. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}

/** Whether the 95 % ellipse of an event's point holds `place` ([lon, lat]). */
export function insideEllipse(place: readonly [number, number], event: EventData): boolean {
  const [east, north] = new LocalPlane(event.location!.coordinates as [number, number]).toPlane(place);
  return ellipseDistance(event.accuracy!, east, north) <= 1;
}
