import { secondsBetween, type Nanos } from '../../audio/index.js';
import type { ClassThresholds } from '../../locate/index.js';
import type { LatencySeconds } from '../../publish/index.js';
import type { ReceivedEvent } from './hub.js';
import { atNanos, type Outcome } from './match.js';
import { round } from './statistics.js';

/** What is counted apart, each with its bar. */
export type LatencyKind = 'one pole alone' | 'several poles' | 'multilateration' | 'clamour';

/** 99th percentiles that must be met, seconds. */
export const LATENCY_BARS: Readonly<Record<LatencyKind, number>> = {
  'one pole alone': 1,
  'several poles': 1,
  multilateration: 1,
  clamour: 3,
};

/** A crowd is judged by the mean over 3 s: it cannot be told sooner. */
const CROWD_MINIMUM_SECONDS = 3;
/** As many arrivals as a place needs to have a check on itself. */
const ARRIVALS_OF_A_PLACE = 4;

export interface MeasuredLatency {
  kind: LatencyKind;
  seconds: number;
  /** What the service itself says of the same event. */
  stages?: LatencySeconds;
}

/**
 * The latencies of one injection's first incident, against the true arrivals. The first event counts from the nearest
 * arrival where that pole's score passes `alone`; else from the arrival that decides: the first one that passes
 * `alone`, or the last of those in the event, whichever is earlier. A place counts from its fourth arrival. Pure.
 */
export function measure(
  { injection, incidents }: Outcome,
  thresholds: Readonly<Record<string, ClassThresholds>>,
  startNanos: Nanos,
): MeasuredLatency[] {
  const events = incidents[0];
  if (!events) return [];
  const since = (seconds: number, { receivedNanos }: ReceivedEvent): number =>
    round(secondsBetween(atNanos(startNanos, seconds), receivedNanos), 4);
  const first = events[0];
  const stages = first.event.data.latencySeconds;
  const told = stages ? { stages } : {};
  if (injection.class === 'crowd_clamour') {
    const begins = Math.min(...injection.arrivals.values()) + CROWD_MINIMUM_SECONDS;
    return [{ kind: 'clamour', seconds: since(begins, first), ...told }];
  }
  const arrivals = arrivalsOf(first, injection.arrivals);
  if (arrivals.length === 0) return [];
  const nearest = Math.min(...injection.arrivals.values());
  const alone = thresholds[first.event.data.class]?.alone ?? 1;
  const sure = arrivals.filter(({ score }) => score >= alone);
  const decides = Math.min(arrivals[arrivals.length - 1].seconds, sure[0]?.seconds ?? Infinity);
  const measured: MeasuredLatency[] = [
    {
      kind: sure.length > 0 && sure[0].seconds === nearest ? 'one pole alone' : 'several poles',
      seconds: since(decides, first),
      ...told,
    },
  ];
  const located = events.find(({ event }) => event.data.method === 'multilateration');
  if (located) {
    const fourth = arrivalsOf(located, injection.arrivals)[ARRIVALS_OF_A_PLACE - 1];
    if (fourth) measured.push({ kind: 'multilateration', seconds: since(fourth.seconds, located) });
  }
  return measured;
}

/** True arrivals at the poles of an event, earliest first, with the scores it tells. */
function arrivalsOf(
  { event }: ReceivedEvent,
  arrivals: ReadonlyMap<string, number>,
): Array<{ seconds: number; score: number }> {
  return event.data.poles
    .flatMap(({ pole, score }) => {
      const seconds = arrivals.get(pole);
      return seconds === undefined ? [] : [{ seconds, score }];
    })
    .sort((a, b) => a.seconds - b.seconds);
}
