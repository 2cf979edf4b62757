import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Outbox, type OutboxOptions, type Send } from '../../src/publish/outbox.js';
import { nextDelayMillis } from '../../src/publish/outbox-lanes.js';
import { OUTBOX_TRANSITIONS, outboxState, type OutboxState } from '../../src/publish/outbox-state.js';
import type { OutboxMessage } from '../../src/publish/outbox-store.js';
import { Metrics, silentLogger } from '../../src/telemetry/index.js';
import { until } from './hub.js';

let folder: string;
let open: Outbox[] = [];
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'clameur-outbox-')), 'outbox');
});
afterEach(async () => {
  for (const outbox of open) await outbox.close();
  open = [];
  await rm(join(folder, '..'), { recursive: true, force: true });
});

async function opened(options: Partial<OutboxOptions> = {}): Promise<Outbox> {
  const outbox = await Outbox.open({ folder, log: silentLogger(), ...options });
  open.push(outbox);
  return outbox;
}

function message(lane: string, revision: number): OutboxMessage {
  return {
    id: `${lane}.${revision}`,
    subject: 'events.s.gunshot',
    lane,
    revision,
    eventClass: 'gunshot',
    body: '{}',
    contentType: 'application/cloudevents+json',
    since: Date.now(),
  };
}

/** Remembers the ids in the order of their acknowledgement. */
function recorder(fails: (id: string) => boolean = () => false): {
  send: Send;
  sent: string[];
  tries: string[];
} {
  const sent: string[] = [];
  const tries: string[] = [];
  const send: Send = async ({ id }) => {
    tries.push(id);
    await new Promise((resolve) => setImmediate(resolve));
    if (fails(id)) throw new Error('no acknowledgement');
    sent.push(id);
  };
  return { send, sent, tries };
}

test('a message is on disk before it is sent, and a new process sends what the old one did not', async () => {
  const first = await opened();
  await first.put(message('a', 1));
  await first.put(message('a', 2));
  await first.put(message('b', 1));
  await first.close();
  const second = await opened();
  expect(second.status()).toMatchObject({ state: 'waiting', messages: 3 });
  const { send, sent } = recorder();
  second.attach(send);
  expect(await second.flush(10)).toBe(0);
  expect(sent.filter((id) => id.startsWith('a'))).toEqual(['a.1', 'a.2']);
  await second.close();
  const third = await opened();
  expect(third.depth).toBe(0);
});

test('a failing incident holds back its own later messages, with the same id on every try, and no other incident', async () => {
  const outbox = await opened();
  let down = true;
  const { send, sent, tries } = recorder((id) => down && id === 'a.1');
  outbox.attach(send);
  for (const one of [message('a', 1), message('a', 2), message('b', 1), message('b', 2)])
    await outbox.put(one);
  await until(
    'b is out and a was tried again',
    () => sent.length === 2 && tries.filter((id) => id === 'a.1').length > 2,
  );
  expect(sent).toEqual(['b.1', 'b.2']);
  expect(tries).not.toContain('a.2');
  down = false;
  expect(await outbox.flush(10)).toBe(0);
  expect(sent).toEqual(['b.1', 'b.2', 'a.1', 'a.2']);
});

test('the same id twice is one message', async () => {
  const outbox = await opened();
  await Promise.all([outbox.put(message('a', 1)), outbox.put(message('a', 1))]);
  await outbox.put(message('a', 1));
  expect(outbox.depth).toBe(1);
});

test('whatever fails, and however often: all arrive, each lane in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
      async (lanes, luck) => {
        const outbox = await Outbox.open({ folder, log: silentLogger(), concurrency: 3 });
        const { send, sent } = recorder(() => (luck.next().value ?? 9) < 3);
        outbox.attach(send);
        const counts = new Map<string, number>();
        const wanted = lanes.map((lane) => {
          counts.set(lane, (counts.get(lane) ?? 0) + 1);
          return message(lane, counts.get(lane)!);
        });
        await Promise.all(wanted.map((one) => outbox.put(one)));
        while ((await outbox.flush(0.05)) > 0);
        await outbox.close();
        expect([...sent].sort()).toEqual(wanted.map(({ id }) => id).sort());
        for (const lane of counts.keys()) {
          const revisions = sent.filter((id) => id.startsWith(lane)).map((id) => Number(id.slice(2)));
          expect(revisions).toEqual([...revisions].sort((x, y) => x - y));
        }
      },
    ),
    { numRuns: 25 },
  );
});

describe('a full outbox', () => {
  test('lets superseded revisions go first, oldest first, never the last word on an incident', async () => {
    const metrics = new Metrics([], { processMetrics: false });
    const outbox = await opened({ maxMessages: 6, counters: metrics });
    for (const one of [
      message('a', 1),
      message('a', 2),
      message('a', 3),
      message('b', 1),
      message('b', 2),
      message('c', 1),
    ]) {
      await outbox.put(one);
    }
    await outbox.put(message('c', 2));
    await outbox.put(message('d', 1));
    await outbox.put(message('e', 1));
    const { send, sent } = recorder();
    outbox.attach(send);
    expect(await outbox.flush(10)).toBe(0);
    expect(sent.sort()).toEqual(['a.3', 'b.2', 'c.1', 'c.2', 'd.1', 'e.1']);
    expect(await metrics.registry.metrics()).toContain('outcome="superseded"} 3');
  });

  test('refuses a new incident, and says so, where nothing is superseded; what it holds is untouched', async () => {
    const outbox = await opened({ maxMessages: 2 });
    await outbox.put(message('a', 1));
    await outbox.put(message('b', 1));
    await expect(outbox.put(message('c', 1))).rejects.toMatchObject({
      code: 'OUTBOX_FULL',
      message: expect.stringMatching(/full with 2 unsent messages, and event c\.1 was refused/),
    });
    const { send, sent } = recorder();
    outbox.attach(send);
    await outbox.flush(10);
    expect(sent.sort()).toEqual(['a.1', 'b.1']);
  });
});

describe('a store that is not as it should be', () => {
  test('held by another process: a clear error that names the folder and the mend', async () => {
    await opened();
    await expect(Outbox.open({ folder, log: silentLogger() })).rejects.toMatchObject({
      code: 'OUTBOX_LOCKED',
      message: expect.stringMatching(
        /outbox is held by another process\. Stop that process, or .*CLAMEUR_DATA/,
      ),
    });
  });

  test('in a place that cannot be written: OUTBOX_FAILED', async () => {
    const file = join(folder, '..', 'a-file');
    await writeFile(file, '');
    await expect(Outbox.open({ folder: join(file, 'outbox'), log: silentLogger() })).rejects.toMatchObject({
      code: 'OUTBOX_FAILED',
    });
  });

  test('an entry that is garbage is kept aside, counted, and the others go out', async () => {
    const first = await opened();
    await first.put(message('a', 1));
    await first.close();
    const raw = new ClassicLevel(folder);
    await raw.put('0000000000000000', '{"id": "half a mess');
    await raw.close();
    const metrics = new Metrics([], { processMetrics: false });
    const second = await opened({ counters: metrics });
    expect(second.depth).toBe(1);
    expect(await metrics.registry.metrics()).toContain('outcome="quarantined"} 1');
    await second.close();
    const again = new ClassicLevel(folder);
    expect(await again.get('unreadable!0000000000000000')).toContain('half a mess');
    await again.close();
  });

  // A table each, so that the harm hits what LevelDb reads when it opens.
  test.each([
    [
      'CURRENT is gone',
      async (names: string[]) =>
        rm(
          join(
            folder,
            names.find((name) => name === 'CURRENT')!,
          ),
        ),
    ],
    ['CURRENT is garbage', async () => writeFile(join(folder, 'CURRENT'), 'garbage')],
    [
      'the manifest is garbage',
      async (names: string[]) =>
        writeFile(
          join(
            folder,
            names.find((name) => name.startsWith('MANIFEST'))!,
          ),
          'x'.repeat(100),
        ),
    ],
    [
      'the manifest is gone',
      async (names: string[]) =>
        rm(
          join(
            folder,
            names.find((name) => name.startsWith('MANIFEST'))!,
          ),
        ),
    ],
  ])('%s: it is repaired, told, and what was in it still goes out', async (_name, harm) => {
    const first = await opened();
    await first.put(message('a', 1));
    await first.put(message('a', 2));
    await first.close();
    await harm(await readdir(folder));
    const metrics = new Metrics([], { processMetrics: false });
    const second = await opened({ counters: metrics });
    const { send, sent } = recorder();
    second.attach(send);
    expect(await second.flush(10)).toBe(0);
    expect(sent).toEqual(['a.1', 'a.2']);
    expect(await metrics.registry.metrics()).toContain('outcome="quarantined"} 1');
  });
});

test('flush gives up after its time and says how many are left', async () => {
  const outbox = await opened();
  await outbox.put(message('a', 1));
  outbox.attach(() => new Promise(() => {}));
  expect(await outbox.flush(0.05)).toBe(1);
  expect(outbox.state).toBe('sending');
});

test('a closed outbox refuses, and keeps what it had for the next process', async () => {
  const outbox = await opened();
  await outbox.put(message('a', 1));
  await outbox.close();
  await expect(outbox.put(message('a', 2))).rejects.toMatchObject({ code: 'OUTBOX_CLOSED' });
  expect(outbox.state).toBe('closed');
  expect((await opened()).depth).toBe(1);
});

test.each([
  ['nothing to send', { closed: false, depth: 0, underWay: 0 }, 'idle'],
  ['one under way', { closed: false, depth: 2, underWay: 1 }, 'sending'],
  ['all backing off, or no connection', { closed: false, depth: 2, underWay: 0 }, 'waiting'],
  ['closed while one was under way', { closed: true, depth: 2, underWay: 1 }, 'closed'],
] as const)('%s: the outbox is %s', (_name, facts, state) => {
  expect(outboxState(facts)).toBe(state);
});

test('every open state can be left and closed, and closed is for good', () => {
  for (const [state, next] of Object.entries(OUTBOX_TRANSITIONS) as Array<
    [OutboxState, readonly OutboxState[]]
  >) {
    expect(next).not.toContain(state);
    expect(next.includes('closed')).toBe(state !== 'closed');
  }
});

test('tries come ever later, up to ten seconds', () => {
  expect([0, 1, 2, 3, 6, 7, 50].map((failures) => nextDelayMillis(failures, () => 1))).toEqual([
    100, 200, 400, 800, 6400, 10_000, 10_000,
  ]);
  expect(nextDelayMillis(7, () => 0)).toBe(5000);
});
