import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IncidentIndex } from '../../src/server/index.js';
import {
  findAll,
  findPage,
  readFilter,
  readPage,
  statisticsOf,
  toCsv,
} from '../../src/server/history/index.js';
import { composeEvent, type CloudEvent } from '../../src/publish/index.js';
import { CONTEXT, gunshot, ONSET, step } from '../publish/incidents.js';

const event = (n: number, revision = 1, changes = {}): CloudEvent =>
  composeEvent(
    step(
      'detected',
      gunshot({
        incidentId: `incident-${n}`,
        revision,
        onsetNanos: ONSET + BigInt(n) * 1_000_000n,
        ...changes,
      }),
    ),
    CONTEXT,
  );

test('pages hold every incident once, newest first, in whatever order the messages came', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...Array(30).keys()], { minLength: 1 }),
      fc.integer({ min: 1, max: 7 }),
      (order, limit) => {
        const index = new IncidentIndex();
        order.forEach((n, i) => index.add(event(n), i + 1, 0));
        const seen: string[] = [];
        for (let cursor: string | undefined; ;) {
          const page = findPage(index, readPage({ limit: String(limit), ...(cursor && { cursor }) }));
          seen.push(...page.incidents.map(({ incidentId }) => incidentId));
          if (!page.next) break;
          cursor = page.next;
        }
        expect(seen).toEqual([...order].sort((a, b) => b - a).map((n) => `incident-${n}`));
      },
    ),
    { numRuns: 50 },
  );
});

test('a hundred thousand incidents: each is found, the memory of each is small, and a late revision moves nothing else', () => {
  const index = new IncidentIndex();
  const template = event(0);
  const { onset } = template.data;
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 100_000; n++) {
    const time = new Date(Date.parse(onset) + n * 1000).toISOString().replace('Z', '000Z');
    const data = { ...template.data, incidentId: `i${n}`, onset: time };
    index.add(JSON.parse(JSON.stringify({ ...template, data })) as CloudEvent, n + 1, n);
  }
  const bytesEach = (process.memoryUsage().heapUsed - before) / 100_000;
  expect(bytesEach).toBeLessThan(4000);
  expect(index.size).toBe(100_000);
  const { incidents } = findPage(index, readPage({ limit: '3' }));
  expect(incidents.map(({ incidentId }) => incidentId)).toEqual(['i99999', 'i99998', 'i99997']);
  expect(statisticsOf([...findAll(index, readFilter({}))]).total).toBe(100_000);
  index.forget(99_990);
  expect(index.size).toBe(10);
});

test('the last revision counts, whichever message comes last', () => {
  const index = new IncidentIndex();
  index.add(event(1, 3, { confidence: 0.9 }), 1, 0);
  index.add(event(1, 2, { confidence: 0.1 }), 2, 0);
  expect(index.get('incident-1')).toMatchObject({
    summary: { revision: 3, confidence: 0.9 },
    sequences: [1, 2],
  });
});

test('a name in an export is no formula, and commas and quotes stay inside their field', () => {
  const index = new IncidentIndex();
  const one = event(1);
  one.data.review = { state: 'dismissed', reason: '=HYPERLINK("http://x"), "quoted"', at: one.data.onset };
  index.add(one, 1, 0);
  const csv = [...toCsv([...findAll(index, readFilter({}))].map(({ summary }) => summary))].join('');
  expect(csv).toContain(`"'=HYPERLINK(""http://x""), ""quoted"""`);
});
