import fc from 'fast-check';
import { EVENT_CLASSES } from '../../src/config/index.js';
import type { Incident, IncidentStep } from '../../src/locate/index.js';

const anyNumber = fc.double();
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const nanos = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });
const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/);
const text = fc.string({ unit: 'binary', maxLength: 400 });
const position = fc.tuple(anyNumber, anyNumber);

const pole = fc.record(
  {
    pole: token,
    arrivalNanos: nanos,
    score: anyNumber,
    snrDb: anyNumber,
    clockUncertaintySeconds: anyNumber,
    residualSeconds: anyNumber,
    features: fc.dictionary(fc.oneof(token, text), anyNumber, { maxKeys: 40 }),
  },
  { requiredKeys: ['pole', 'arrivalNanos', 'score', 'snrDb'] },
);

/** Anything a locator could ever hand on, and much that it should not: NaN, infinities, crowds of poles, odd text. */
export const anyIncident: fc.Arbitrary<Incident> = fc.record(
  {
    incidentId: fc.stringMatching(/^[0-9a-f]{16}$/),
    revision: fc.integer({ min: 1, max: 1e9 }),
    class: fc.constantFrom(...EVENT_CLASSES),
    confidence: anyNumber,
    onsetNanos: nanos,
    onsetUncertaintySeconds: anyNumber,
    durationSeconds: anyNumber,
    method: fc.constantFrom('multilateration', 'bearing', 'nearest_pole', 'none'),
    levelDb: anyNumber,
    polesHeard: fc.nat(1000),
    polesSilent: fc.nat(1000),
    poles: fc.array(pole, { maxLength: 40, size: 'max' }),
    reasons: fc.array(
      fc.record({ class: text, text, score: anyNumber }, { requiredKeys: ['class', 'text'] }),
      { maxLength: 20, size: 'max' },
    ),
    location: position,
    accuracy: fc.record({
      semiMajorMeters: anyNumber,
      semiMinorMeters: anyNumber,
      azimuthDegrees: anyNumber,
      confidenceLevel: fc.constant(0.95 as const),
    }),
    insideHull: fc.boolean(),
    conditionNumber: anyNumber,
    bearingDegrees: anyNumber,
    bearingUncertaintyDegrees: anyNumber,
    area: fc.array(fc.tuple(fc.double({ min: -180, max: 180 }), fc.double({ min: -90, max: 90 })), {
      maxLength: 200,
      size: 'max',
    }),
    weather: fc.record(
      {
        temperatureC: anyNumber,
        relativeHumidity: anyNumber,
        windSpeed: anyNumber,
        windFromDegrees: anyNumber,
      },
      { requiredKeys: [] },
    ),
    shots: fc.record({
      count: fc.nat(500),
      timesNanos: fc.array(nanos, { maxLength: 100, size: 'max' }),
      automatic: fc.boolean(),
    }),
  },
  {
    requiredKeys: [
      'incidentId',
      'revision',
      'class',
      'confidence',
      'onsetNanos',
      'onsetUncertaintySeconds',
      'durationSeconds',
      'method',
      'levelDb',
      'polesHeard',
      'polesSilent',
      'poles',
      'reasons',
    ],
  },
);

export const anyStep: fc.Arbitrary<IncidentStep> = fc.record({
  change: fc.constantFrom('detected', 'updated', 'closed'),
  incident: anyIncident,
  decidedByNanos: nanos,
  siteTimeNanos: nanos,
});

export const anyLatency = sometimes(
  fc.record({
    transport: anyNumber,
    listen: anyNumber,
    locate: anyNumber,
    publish: anyNumber,
    total: anyNumber,
  }),
);
