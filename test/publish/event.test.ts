import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { CloudEvent as ReferenceEvent } from 'cloudevents';
import { HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeEvent, eventJsonSchema, incidentFromData, type CloudEvent } from '../../src/publish/index.js';
import { anyLatency, anyStep } from './any-incident.js';
import { CONTEXT, gunshot, step } from './incidents.js';

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(eventJsonSchema());

function expectValid(event: CloudEvent): void {
  expect(validate(event.data), JSON.stringify(validate.errors)).toBe(true);
  const wire = JSON.stringify(event);
  expect(Buffer.byteLength(wire)).toBeLessThanOrEqual(8000);
  expect(wire).not.toContain('null');
}

/** The official SDK, as any hub in JavaScript would read the message. */
function readWithSdk(event: CloudEvent): ReferenceEvent {
  const headers = { 'content-type': 'application/cloudevents+json' };
  const read = HTTP.toEvent({ headers, body: JSON.stringify(event) }) as ReferenceEvent;
  expect(read.validate()).toBe(true);
  return read;
}

test('a located gunshot becomes the message that design.md describes', () => {
  const event = composeEvent(step('detected', gunshot()), CONTEXT);
  expectValid(event);
  expect({ ...event, data: undefined, id: undefined }).toEqual({
    specversion: '1.0',
    type: 'clameur.incident.detected.v1',
    source: '/clameur/vieux-port',
    subject: '5c1e9f0a7b3d2c48',
    time: '2026-09-21T14:13:20.123456Z',
    datacontenttype: 'application/json',
  });
  expect(event.data).toMatchObject({
    incidentId: '5c1e9f0a7b3d2c48',
    revision: 1,
    confidence: 0.931,
    onset: '2026-09-21T14:13:20.123456Z',
    location: { type: 'Point', coordinates: [5.36978, 43.29513] },
    accuracy: { semiMajorMeters: 14.2, semiMinorMeters: 9.1, azimuthDegrees: 37.5, confidenceLevel: 0.95 },
    shots: {
      count: 2,
      times: ['2026-09-21T14:13:20.123456Z', '2026-09-21T14:13:20.923456Z'],
      automatic: false,
    },
    audioRetained: false,
    exercise: false,
  });
});

test('the official CloudEvents SDK reads it as valid, with the same attributes', () => {
  for (const change of ['detected', 'updated', 'closed'] as const) {
    const event = composeEvent(step(change, gunshot()), CONTEXT);
    const read = readWithSdk(event);
    expect(read).toMatchObject({
      id: event.id,
      type: event.type,
      source: event.source,
      subject: event.subject,
    });
    expect(read.data).toEqual(event.data);
  }
});

test('an exercise is marked in its source and in its data', () => {
  const event = composeEvent(step('detected', gunshot()), { ...CONTEXT, exercise: true });
  expect(event.source).toBe('/clameur/vieux-port/exercise');
  expect(event.data.exercise).toBe(true);
});

describe('the id', () => {
  const compose = (changes = {}, context = {}, change: 'detected' | 'updated' | 'closed' = 'updated') =>
    composeEvent(step(change, gunshot(changes)), { ...CONTEXT, ...context });

  test('is the incident and the hash of the canonical data without latencySeconds and revision', () => {
    // RFC 8785 for such data (ASCII keys, plain numbers) is JSON with sorted keys: written anew here, as a hub would.
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : value && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([k, v]) => [k, sorted(v)]),
            )
          : value;
    const event = compose({}, { latencySeconds: { total: 0.4 } });
    const content: Record<string, unknown> = { ...event.data };
    delete content.latencySeconds;
    delete content.revision;
    const hash = createHash('sha256')
      .update(JSON.stringify(sorted(content)))
      .digest('hex')
      .slice(0, 16);
    expect(event.id).toBe(`5c1e9f0a7b3d2c48.${hash}`);
  });

  test('is the same on every try, whatever the latency and the revision', () => {
    expect(compose({ revision: 9 }, { latencySeconds: { total: 0.7 } }).id).toBe(compose().id);
  });

  test('differs as soon as anything else does', () => {
    const ids = [
      compose(),
      compose({ confidence: 0.5 }),
      compose({ polesSilent: 4 }),
      compose({}, { review: { state: 'confirmed', at: '2026-09-21T14:20:00.000000Z' } }),
      compose({}, { recurrence: 2 }),
      compose({}, {}, 'closed'),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('of a closing differs from that of the last update, or NATS would drop it and the hub never hear of it', () => {
    const [updated, closed] = [compose(), compose({}, {}, 'closed')];
    expect([updated.data.state, closed.data.state]).toEqual(['open', 'closed']);
    expect(closed.id).not.toBe(updated.id);
  });

  test('is not moved by what gives way for size when only latency and revision grow', () => {
    const poles = Array.from({ length: 12 }, (_, i) => ({
      ...gunshot().poles[0],
      pole: `pole-${i}`,
      features: Object.fromEntries(Array.from({ length: 12 }, (_, k) => [`feature${k}`, 1000.5 + k])),
    }));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        anyLatency,
        fc.integer({ min: 1, max: 1e9 }),
        (more, latencySeconds, revision) => {
          const reasons = Array.from({ length: 8 }, () => ({ class: 'wind', text: 'x'.repeat(100 + more) }));
          const bare = compose({ poles, reasons });
          const full = compose({ poles, reasons, revision }, { ...(latencySeconds && { latencySeconds }) });
          expect(full.id).toBe(bare.id);
        },
      ),
    );
  });
});

describe('what is unknown or dishonest is absent', () => {
  const data = (changes: object) => composeEvent(step('detected', gunshot(changes)), CONTEXT).data;
  test.each([
    ['a point without an ellipse', { accuracy: undefined }, ['location', 'accuracy']],
    ['an ellipse without a point', { location: undefined }, ['location', 'accuracy']],
    [
      'an endless ellipse',
      { accuracy: { ...gunshot().accuracy, semiMajorMeters: Infinity } },
      ['location', 'accuracy'],
    ],
    ['a point off the earth', { location: [5, 95] }, ['location', 'accuracy']],
    ['a level that is not a number', { levelDb: NaN }, ['levelDb']],
    ['a silence of minus infinity', { levelDb: -Infinity }, ['levelDb']],
    ['no shots', { shots: { count: 0, timesNanos: [], automatic: false } }, ['shots']],
    ['no reasons', { reasons: [] }, ['reasons']],
    ['weather of nothing', { weather: {} }, ['weather']],
    [
      'an area of two points',
      {
        area: [
          [5, 43],
          [5, 44],
        ],
      },
      ['area'],
    ],
  ])('%s', (_name, changes, absent) => {
    for (const key of absent) expect(data(changes)).not.toHaveProperty(key);
  });
});

test('poles are the nearest 12, features the first 4, shot times the first 50', () => {
  const poles = Array.from({ length: 30 }, (_, i) => ({ ...gunshot().poles[0], pole: `p${i}` }));
  const timesNanos = Array.from({ length: 80 }, (_, i) => gunshot().onsetNanos + BigInt(i) * 100_000_000n);
  const { data } = composeEvent(
    step('updated', gunshot({ poles, shots: { count: 80, timesNanos, automatic: true } })),
    CONTEXT,
  );
  expect(data.poles.map(({ pole }) => pole)).toEqual(Array.from({ length: 12 }, (_, i) => `p${i}`));
  expect(data.poles.filter(({ features }) => features)).toHaveLength(4);
  expect(data.shots).toMatchObject({ count: 80, times: { length: 50 } });
});

test('what gives way for 8 kB: features first, then poles beyond 6, then shot times', () => {
  const features = Object.fromEntries(
    Array.from({ length: 12 }, (_, k) => [`a_feature_of_a_long_name_${k}`, 1234.5]),
  );
  const timesNanos = Array.from({ length: 50 }, (_, i) => gunshot().onsetNanos + BigInt(i));
  const poles = Array.from({ length: 12 }, (_, i) => ({
    ...gunshot().poles[0],
    pole: `a-pole-with-quite-a-long-name-${i}`,
    features,
  }));
  const seen = new Set<string>();
  for (const corners of [4, 64]) {
    for (let reasons = 0; reasons <= 8; reasons++) {
      const incident = gunshot({
        poles,
        area: Array.from({ length: corners }, (_, i) => [5 + i / 1234567, 43 + i / 1234567] as const),
        shots: { count: 50, timesNanos, automatic: true },
        reasons: Array.from({ length: reasons }, () => ({ class: 'c'.repeat(40), text: '"'.repeat(150) })),
      });
      const event = composeEvent(step('updated', incident), CONTEXT);
      expectValid(event);
      const kept = [
        event.data.poles[0].features !== undefined,
        event.data.poles.length > 6,
        event.data.shots?.times !== undefined,
      ];
      seen.add(kept.join());
    }
  }
  expect([...seen].sort()).toEqual(
    expect.arrayContaining(['false,false,true', 'false,true,true', 'true,true,true']),
  );
  for (const kept of seen)
    expect(['true,true,true', 'false,true,true', 'false,false,true', 'false,false,false']).toContain(kept);
});

test('any incident at all gives a valid event of at most 8 kB without a null, that the SDK reads too', () => {
  fc.assert(
    fc.property(anyStep, fc.boolean(), anyLatency, (any, exercise, latencySeconds) => {
      const event = composeEvent(any, { ...CONTEXT, exercise, ...(latencySeconds && { latencySeconds }) });
      expectValid(event);
      readWithSdk(event);
      expect(composeEvent(any, { ...CONTEXT, exercise }).id).toBe(event.id);
    }),
    { numRuns: 100 },
  );
});

test('an incident read back from its event composes the very same content again', () => {
  fc.assert(
    fc.property(anyStep, ({ incident: any, ...rest }) => {
      // These four an incident must have as numbers; an event leaves them out where they are none.
      const poles = any.poles.map((pole) => ({ ...pole, snrDb: 12 }));
      const incident = { ...any, levelDb: 80, onsetUncertaintySeconds: 0.01, durationSeconds: 1, poles };
      const event = composeEvent({ ...rest, incident }, CONTEXT);
      const again = composeEvent({ ...rest, incident: incidentFromData(event.data) }, CONTEXT);
      // What a size limit cut stays cut; all else must be there.
      expect(again.id).toBe(event.id);
    }),
    { numRuns: 60 },
  );
});

test('the committed schema is that of the code, and closed everywhere (stale? npx vitest run test/publish --update)', async () => {
  const schema = eventJsonSchema();
  expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
  const open = (node: unknown): boolean =>
    typeof node === 'object' &&
    node !== null &&
    (((node as { type?: string }).type === 'object' &&
      (node as { additionalProperties?: unknown }).additionalProperties === undefined) ||
      Object.values(node).some(open));
  expect(open(schema)).toBe(false);
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../src/publish/event.schema.json',
  );
});

test('the example of the reference page is a valid event, and every field of the schema is on the page', () => {
  const page = readFileSync(new URL('../../src/publish/README.md', import.meta.url), 'utf8');
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)![1]) as CloudEvent;
  expectValid(example);
  readWithSdk(example);
  expect(
    composeEvent(step('detected', incidentFromData(example.data)), { ...CONTEXT, model: example.data.model })
      .id,
  ).toBe(example.id);
  for (const field of Object.keys((eventJsonSchema() as { properties: object }).properties)) {
    expect(page).toContain(`\`${field}\``);
  }
});
