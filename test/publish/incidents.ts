import type { Nanos } from '../../src/audio/index.js';
import type { Incident, IncidentStep } from '../../src/locate/index.js';
import type { EventContext } from '../../src/publish/index.js';

export const CONTEXT: EventContext = {
  site: 'vieux-port',
  exercise: false,
  model: { name: 'clameur-net', version: '1.0.0', sha256: 'ab'.repeat(32) },
};

export const ONSET: Nanos = 1_790_000_000_123_456_789n;

/** A located gunshot, as a reader of the README would picture it. */
export function gunshot(changes: Partial<Incident> = {}): Incident {
  return {
    incidentId: '5c1e9f0a7b3d2c48',
    revision: 1,
    class: 'gunshot',
    confidence: 0.9312,
    onsetNanos: ONSET,
    onsetUncertaintySeconds: 0.012,
    durationSeconds: 0.8,
    method: 'multilateration',
    location: [5.36978, 43.29513],
    accuracy: { semiMajorMeters: 14.23, semiMinorMeters: 9.1, azimuthDegrees: 37.5, confidenceLevel: 0.95 },
    insideHull: true,
    conditionNumber: 2.31,
    weather: { temperatureC: 21.5, windSpeed: 4 },
    shots: { count: 2, timesNanos: [ONSET, ONSET + 800_000_000n], automatic: false },
    levelDb: 97.4,
    polesHeard: 2,
    polesSilent: 3,
    poles: ['quai-1', 'quai-2'].map((pole, i) => ({
      pole,
      arrivalNanos: ONSET + BigInt(i + 1) * 300_000_000n,
      clockUncertaintySeconds: 0.000002,
      score: 0.97 - i * 0.1,
      snrDb: 31.26,
      residualSeconds: 0.0021,
      features: { centroidHz: 1843.2, flatness: 0.31 },
    })),
    reasons: [
      { class: 'fireworks', score: 0.12, text: 'Fireworks scored 0.12: no rising whistle, no burst aloft.' },
    ],
    ...changes,
  };
}

/** As if it had happened so much later. */
export function later(incident: Incident, seconds: number): Incident {
  const nanos = BigInt(Math.round(seconds * 1e9));
  return {
    ...incident,
    onsetNanos: incident.onsetNanos + nanos,
    poles: incident.poles.map((pole) => ({ ...pole, arrivalNanos: pole.arrivalNanos + nanos })),
  };
}

export function step(change: IncidentStep['change'], incident: Incident): IncidentStep {
  return { change, incident, decidedByNanos: incident.onsetNanos, siteTimeNanos: incident.onsetNanos };
}
