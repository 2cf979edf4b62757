import { secondsToNanos, type Nanos } from '../audio/index.js';
import type { HeardArrival } from './arrival-store.js';
import { confidenceOf } from './confidence.js';
import { evidenceReasons } from './reasons.js';
import type { Incident, PoleEvidence, Weather } from './incident.js';
import type { ImpulseIncident } from './impulse.js';
import type { PoleMap, MappedPole } from './pole-map.js';
import type { Placement } from './placement.js';
import type { Settings } from './options.js';
import { isAutomatic } from './shots.js';

const MAX_TIMES = 50;
/** Times are told to a tenth of a millisecond: beyond that two ways of adding up may differ. */
const TIME_STEP: Nanos = 100_000n;

const round = (value: number, step: number) => Math.round(value / step) * step;
const fixed = (value: number, digits: number) => Number(value.toFixed(digits));

function roundTime(time: Nanos): Nanos {
  return ((time + TIME_STEP / 2n) / TIME_STEP) * TIME_STEP;
}

/** The incident as others see it, rounded so that live and replay agree to the last digit. */
export function buildIncident(
  incident: ImpulseIncident,
  placement: Placement,
  silent: readonly MappedPole[],
  map: PoleMap,
  weather: Weather | undefined,
  settings: Settings,
): Incident {
  const reference = incident.founder.timeNanos;
  const zero = reference + secondsToNanos(placement.emissionSeconds);
  const first = incident.shots[0];
  const times = incident.shots.map((shot) =>
    roundTime(
      placement.emitted && shot.emissionSeconds !== undefined
        ? reference + secondsToNanos(shot.emissionSeconds)
        : // An unlocated shot among located ones is told as emitted too, by its offset at the pole that heard both.
          shot.founder.timeNanos - first.founder.timeNanos + zero,
    ),
  );
  times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const poles = poleEvidence(incident, placement);
  const levelDb = Math.max(...incident.shots.flatMap(({ members }) => members.map((m) => m.arrival.levelDb)));
  const onset = times[0];
  const last = times[times.length - 1];
  const heard = new Set(incident.shots.flatMap(({ members }) => members.map(({ pole }) => pole.index)));
  const result: Incident = {
    incidentId: incident.incidentId,
    revision: incident.revision,
    class: incident.class,
    confidence: fixed(confidenceOf(incident, placement, silent.length), 3),
    onsetNanos: onset,
    onsetUncertaintySeconds: fixed(round(placement.emissionSigmaSeconds, 1e-4), 4),
    durationSeconds: fixed(Number(last - onset) / 1e9, 4),
    method: placement.method,
    shots: { count: times.length, timesNanos: times.slice(0, MAX_TIMES), automatic: isAutomatic(times) },
    levelDb: fixed(levelDb, 1),
    polesHeard: heard.size,
    polesSilent: silent.length,
    poles,
    reasons: evidenceReasons(incident, placement, silent, settings),
    ...(placement.point && {
      location: lonLat(map, placement.point),
      accuracy: {
        semiMajorMeters: fixed(placement.ellipse.semiMajorMeters, 1),
        semiMinorMeters: fixed(placement.ellipse.semiMinorMeters, 1),
        azimuthDegrees: fixed(placement.ellipse.azimuthDegrees, 1) % 180,
        confidenceLevel: 0.95 as const,
      },
      insideHull: placement.insideHull,
    }),
    ...(Number.isFinite(placement.conditionNumber) && {
      conditionNumber: fixed(placement.conditionNumber, 2),
    }),
    ...(placement.bearing && {
      bearingDegrees: fixed(placement.bearing.degrees, 1),
      bearingUncertaintyDegrees: fixed(placement.bearing.uncertaintyDegrees, 1),
    }),
    ...(weather && Object.keys(weather).length > 0 && { weather }),
  };
  return result;
}

function lonLat(map: PoleMap, point: readonly [number, number]): readonly [number, number] {
  const [lon, lat] = map.plane.fromPlane(point);
  return [fixed(lon, 7), fixed(lat, 7)];
}

/** One entry a pole: its part in the first shot that it heard; nearest first, else by arrival. */
function poleEvidence(incident: ImpulseIncident, placement: Placement): PoleEvidence[] {
  const byPole = new Map<number, { heard: HeardArrival; score: number; residual?: number }>();
  for (const shot of incident.shots) {
    for (const heard of shot.members) {
      const score = heard.arrival.scores[incident.class] ?? 0;
      const known = byPole.get(heard.pole.index);
      if (known) {
        known.score = Math.max(known.score, score);
        continue;
      }
      const residual = placement.residuals.get(heard);
      byPole.set(heard.pole.index, { heard, score, ...(residual !== undefined && { residual }) });
    }
  }
  const [east, north] = placement.point ?? [incident.founder.pole.east, incident.founder.pole.north];
  const distance = ({ heard }: { heard: HeardArrival }) =>
    Math.hypot(heard.pole.east - east, heard.pole.north - north);
  return [...byPole.values()]
    .sort((a, b) => distance(a) - distance(b) || a.heard.pole.index - b.heard.pole.index)
    .map(({ heard, score, residual }) => ({
      pole: heard.pole.pole,
      arrivalNanos: heard.timeNanos,
      ...(heard.arrival.clockUncertaintySeconds !== undefined && {
        clockUncertaintySeconds: heard.arrival.clockUncertaintySeconds,
      }),
      score: fixed(score, 3),
      snrDb: fixed(heard.snrDb, 1),
      ...(residual !== undefined && { residualSeconds: fixed(residual, 4) }),
      ...(heard.features && { features: heard.features }),
    }));
}
