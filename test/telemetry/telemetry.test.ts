import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger, FloodLog, metricReference, METRICS, Metrics } from '../../src/telemetry/index.js';
import { ProcessMetrics } from '../../src/telemetry/process-metrics.js';

function lines() {
  const written: string[] = [];
  const log = createLogger({ level: 'debug', destination: { write: (line) => void written.push(line) } });
  return {
    log,
    json: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(''),
  };
}

describe('a log line has no secret in it', () => {
  const seed = `SU${'A'.repeat(56)}`;
  test.each([
    ['a key called password', { nats: { password: 'hunter2' } }, 'hunter2'],
    ['a token', { token: 'hunter2' }, 'hunter2'],
    ['a URL with a password', { url: 'rtsp://cam:hunter2@10.0.0.7/stream' }, 'hunter2'],
    ['an error that quotes a URL', { err: new Error('cannot open nats://u:hunter2@host:4222') }, 'hunter2'],
    ['an nkey seed', { text: `seed ${seed}` }, seed],
    ['a JWT', { text: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln' }, 'eyJzdWIi'],
  ])('%s', (_name, fields, secret) => {
    const { log, text } = lines();
    log.info(fields, 'hello');
    expect(text()).toContain('hello');
    expect(text()).not.toContain(secret);
  });

  test('and a URL without one stays whole', () => {
    const { log, json } = lines();
    log.info({ url: 'nats://127.0.0.1:4222' }, 'mail me@example.org');
    expect(json()[0]).toMatchObject({
      level: 'info',
      url: 'nats://127.0.0.1:4222',
      msg: 'mail me@example.org',
    });
  });
});

describe('a flood', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('from one feed is one line at once and one count a minute, and other feeds are heard', () => {
    const { log, json } = lines();
    const flood = new FloodLog(log);
    for (let i = 0; i < 5000; i++) flood.warn('p1:magic', { pole: 'p1' }, 'a frame was dropped');
    flood.warn('p2:magic', { pole: 'p2' }, 'a frame was dropped');
    expect(json().map(({ pole }) => pole)).toEqual(['p1', 'p2']);
    vi.advanceTimersByTime(60_000);
    expect(json().slice(2)).toEqual([expect.objectContaining({ key: 'p1:magic', suppressed: 4999 })]);
    flood.warn('p1:magic', { pole: 'p1' }, 'a frame was dropped');
    expect(json()).toHaveLength(4);
    flood.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('of made-up keys does not eat memory', () => {
    const { log, json } = lines();
    const flood = new FloodLog(log, { maxKeys: 10 });
    for (let i = 0; i < 1000; i++) flood.warn(`key${i}`, {}, 'x');
    expect(json()).toHaveLength(11);
    flood.close();
    expect(json().at(-1)).toMatchObject({ key: 'others', suppressed: 989 });
  });
});

describe('metrics', () => {
  test('have the prefix, base units and a total where they count', async () => {
    const metrics = new Metrics(['p1'], { processMetrics: false });
    for (const { name, type } of await metrics.registry.getMetricsAsJSON()) {
      expect(name).toMatch(/^clameur_[a-z0-9_]+$/);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|db)(_|$)/);
      expect(name.endsWith('_total'), name).toBe((type as unknown) === 'counter');
    }
  });

  test('take pole labels from the site only, whatever a sender makes up', async () => {
    const metrics = new Metrics(['p1'], { processMetrics: false });
    for (let i = 0; i < 100; i++) metrics.frameDropped(`made-up-${i}`, 'unknown_pole');
    metrics.frame('p1', 0.1, 1e-6);
    const text = await metrics.registry.metrics();
    expect(text).toContain('clameur_frames_dropped_total{pole="other",reason="unknown_pole"} 100');
    expect(text).toContain('clameur_frames_total{pole="p1"} 1');
    expect(text).not.toContain('made-up');
  });

  test('tell the state a feed is in, and how long ago its last frame came', async () => {
    let now = 1000;
    const metrics = new Metrics(['p1'], { processMetrics: false, now: () => now });
    metrics.feedState('p1', 'live');
    metrics.frame('p1', 0.1);
    now += 2500;
    const text = await metrics.registry.metrics();
    expect(text).toContain('clameur_feed_state{pole="p1",state="live"} 1');
    expect(text).toContain('clameur_feed_state{pole="p1",state="waiting"} 0');
    expect(text).toContain('clameur_feed_last_frame_age_seconds{pole="p1"} 2.5');
  });

  test('tell the outbox’s age at the scrape, though nothing happens while NATS is away', async () => {
    let now = 1000;
    const metrics = new Metrics([], { processMetrics: false, now: () => now });
    metrics.outbox(2, 1.5);
    now += 60_000;
    expect(await metrics.registry.metrics()).toContain('clameur_outbox_oldest_age_seconds 61.5');
    metrics.outbox(0, 0);
    now += 60_000;
    expect(await metrics.registry.metrics()).toContain('clameur_outbox_oldest_age_seconds 0');
  });

  test('show a clock that says nothing of itself as infinitely uncertain, and one that is apart', async () => {
    const metrics = new Metrics(['p1', 'p2'], { processMetrics: false });
    metrics.frame('p1', 0.1, 1e-4);
    metrics.frame('p2', 0.1);
    metrics.clocksApart(['p2']);
    const text = await metrics.registry.metrics();
    expect(text).toContain('clameur_feed_clock_uncertainty_seconds{pole="p1"} 0.0001');
    expect(text).toContain('clameur_feed_clock_uncertainty_seconds{pole="p2"} +Inf');
    expect(text).toContain('clameur_feed_clock_apart{pole="p1"} 0');
    expect(text).toContain('clameur_feed_clock_apart{pole="p2"} 1');
  });

  test('have a series from the start for what an alert counts, and no precision before a verdict', async () => {
    const metrics = new Metrics(['p1'], { processMetrics: false });
    const before = await metrics.registry.metrics();
    expect(before).toContain('clameur_frames_total{pole="p1"} 0');
    expect(before).toContain('clameur_events_total{class="gunshot",outcome="refused"} 0');
    expect(before).toContain('clameur_precision_ratio{class="gunshot"} Nan');
    metrics.verdict('gunshot', 'confirmed');
    metrics.precision('gunshot', 1);
    const after = await metrics.registry.metrics();
    expect(after).toContain('clameur_verdicts_total{class="gunshot",verdict="confirmed"} 1');
    expect(after).toContain('clameur_precision_ratio{class="gunshot"} 1');
  });

  test('of Node have no gauge with the name of a counter', async () => {
    const misnamed = (await new ProcessMetrics().registry.getMetricsAsJSON())
      .filter(({ name, type }) => name.endsWith('_total') !== ((type as unknown) === 'counter'))
      .map(({ name }) => name);
    expect(misnamed).toEqual([]);
  });

  test('stand in the reference page, each with its meaning (stale? npx vitest run test/telemetry --update)', async () => {
    await expect(metricReference()).toMatchFileSnapshot('../../src/telemetry/README.md');
    const names = (await new Metrics([], { processMetrics: false }).registry.getMetricsAsJSON()).map(
      ({ name }) => name,
    );
    expect(names.sort()).toEqual(Object.keys(METRICS).sort());
  });
});

test('what sound decides is told by the minute: a scrape a second tells no syllables', async () => {
  let now = 90_000;
  const metrics = new Metrics(['p1'], { processMetrics: false, now: () => now });
  const told = async (): Promise<string[]> =>
    [
      ...(await metrics.registry.metrics()).matchAll(
        /^(clameur_(?:onsets|patches|detections)_total\{.*(?:p1|onset|weak).*\} \d+)$/gm,
      ),
    ].map(([, line]) => line);
  for (let i = 0; i < 3; i++) metrics.onset('p1');
  metrics.patches('onset', 2);
  metrics.detection('gunshot', 'weak');
  expect(await told()).toEqual([]);
  now += 29_000;
  expect(await told()).toEqual([]);
  now += 1_000;
  expect(await told()).toEqual([
    'clameur_patches_total{kind="onset"} 2',
    'clameur_onsets_total{pole="p1"} 3',
    'clameur_detections_total{class="gunshot",state="weak"} 1',
  ]);
  metrics.onset('p1');
  now += 59_000;
  expect((await told()).includes('clameur_onsets_total{pole="p1"} 3')).toBe(true);
});

test('what the process took is told by the minute: the model is asked once more for each impulse', async () => {
  let now = 90_000;
  const metrics = new Metrics([], { now: () => now });
  const cpu = async (): Promise<number> =>
    Number(/^process_cpu_seconds_total (\S+)$/m.exec(await metrics.text())![1]);
  const first = await cpu();
  for (const end = performance.now() + 30; performance.now() < end;);
  now += 29_000;
  expect(await cpu()).toBe(first);
  now += 1_000;
  expect(await cpu()).toBeGreaterThan(first);
});

test('how long the model took is told once a second, whatever was heard: the longest of it', async () => {
  let now = Date.UTC(2026, 10, 28);
  const metrics = new Metrics(['p1'], { processMetrics: false, now: () => now });
  for (const asked of [[0.02], [0.01, 0.3, 0.02], [0.04, 0.01], [0.05]]) {
    for (const seconds of asked) {
      metrics.stage('classify', seconds);
      metrics.inference(seconds);
    }
    now += 1_000;
  }
  const text = await metrics.registry.metrics();
  for (const name of ['clameur_stage_duration_seconds', 'clameur_inference_duration_seconds']) {
    const told = (part: string) =>
      Number(new RegExp(`^${name}_${part}(?:\\{[^}]*\\})? (.*)$`, 'm').exec(text)?.[1]);
    expect(told('count')).toBe(3);
    expect(told('sum')).toBeCloseTo(0.36, 9);
  }
});
