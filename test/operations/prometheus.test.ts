import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { plainFrame, playPoles } from '../support/plain-pole.js';
import { ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { shiftScene, soundOf } from '../support/shifted-scene.js';
import { dashboardQueries } from './dashboard.js';
import { startPrometheus, type PrometheusServer } from './prometheus-server.js';

const RULES = join(ROOT, 'charts/clameur/files/alerts.yaml');
const { promtool } = inject('tools');

function promtoolRun(args: readonly string[], input = '') {
  return spawnSync('promtool', args, { cwd: ROOT, input, encoding: 'utf8' });
}

describe.skipIf('missing' in promtool)('the alerting rules', () => {
  it('are rules that Prometheus takes', () => {
    const { status, stdout, stderr } = promtoolRun(['check', 'rules', '--lint-fatal', RULES]);
    expect(status, stdout + stderr).toBe(0);
  });

  it('fire when they must and only then (promtool test rules)', () => {
    const files = ['alerts.yaml', 'alerts-over-weeks.yaml'].map((file) => `test/operations/${file}`);
    const { status, stdout, stderr } = promtoolRun(['test', 'rules', ...files]);
    expect(status, stdout + stderr).toBe(0);
  });

  it('each have a case in which they fire and one in which they do not', async () => {
    const names = [...(await readFile(RULES, 'utf8')).matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const cases = (
      await Promise.all(
        ['alerts.yaml', 'alerts-over-weeks.yaml'].map((file) =>
          readFile(join(ROOT, 'test/operations', file), 'utf8'),
        ),
      )
    ).join('\n');
    for (const name of names) {
      expect(cases, `${name} fires`).toMatch(new RegExp(`alertname: ${name}\\n\\s+exp_alerts`));
      expect(cases, `${name} is silent`).toMatch(new RegExp(`alertname: ${name} }`));
    }
  });
});

describe.skipIf('missing' in promtool)('a real Prometheus, at a real service that hears a shot', () => {
  let nats: NatsServer;
  let hub: NatsConnection;
  let service: RunningService;
  let prometheus: PrometheusServer;
  const events: string[] = [];

  beforeAll(async () => {
    nats = await startNatsServer();
    hub = await connect({ servers: nats.url });
    hub.subscribe('events.>', { callback: (_error, { subject }) => void events.push(subject) });
    service = await startService(nats.url);
    await service.ready();
    prometheus = await startPrometheus(service.url, RULES);
    const scene = await shiftScene(
      join(ROOT, 'fixtures/positive/three-shots'),
      Math.ceil(Date.now() / 1000) * 1000 + 1500,
    );
    const sound = await soundOf(scene);
    hub.publish('audio.vieux-port.belges', new Uint8Array([1, 2, 3]));
    await playPoles(hub, 'vieux-port', sound);
    await rm(scene, { recursive: true });
    // A hole of a second in one pole's sound.
    const [first] = sound;
    const end = first.startNanos + BigInt(Math.round((first.samples.length / first.rateHz) * 1e9));
    const late = plainFrame({
      startNanos: end + 1_100_000_000n,
      sequence: Math.ceil((first.samples.length / first.rateHz) * 10) + 11,
      rateHz: first.rateHz,
      samples: first.samples.subarray(0, first.rateHz / 10),
    });
    hub.publish(`audio.vieux-port.${first.pole}`, late);
    await waitFor('an event', () => events.length > 0);
  });
  afterAll(async () => {
    await prometheus?.close();
    await hub?.close();
    await service?.close();
    await nats?.close();
  });

  it('finds nothing to lint in what the service exposes (promtool check metrics)', async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const { status, stdout, stderr } = promtoolRun(['check', 'metrics'], text);
    expect(stdout + stderr).toBe('');
    expect(status).toBe(0);
  });

  it('has the target up, and counts what was sent', async () => {
    await waitFor('the target to be up', async () => (await prometheus.query('up == 1')).length === 1);
    await waitFor('frames of all poles', async () => {
      const silent = await prometheus.query('sum by (pole) (clameur_frames_total) == 0');
      const heard = await prometheus.query('sum(clameur_frames_total) > 0');
      return heard.length === 1 && silent.length === 0;
    });
    const [dropped] = await prometheus.query(
      'sum(clameur_frames_dropped_total{pole="belges", reason="length"})',
    );
    expect(dropped.value[1]).toBe('1');
    const [published] = await prometheus.query(
      'sum(clameur_events_total{class="gunshot", outcome="published"})',
    );
    expect(Number(published.value[1])).toBeGreaterThan(0);
  });

  it('has loaded every rule, and none fails to evaluate', async () => {
    const evaluated = async () =>
      (
        (await prometheus.get('/api/v1/rules')) as {
          groups: Array<{ rules: Array<{ name: string; health: string; lastError?: string }> }>;
        }
      ).groups.flatMap(({ rules }) => rules);
    await waitFor('the rules to be evaluated', async () =>
      (await evaluated()).every(({ health }) => health !== 'unknown'),
    );
    const rules = await evaluated();
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  it('answers every query of the Grafana dashboard with data', async () => {
    for (const { panel, expression } of await dashboardQueries())
      await waitFor(
        `data for "${panel}": ${expression}`,
        async () => (await prometheus.query(expression)).length > 0,
        // What is told by the minute, such as onsets, is there after the next minute and two scrapes.
        90,
      );
  }, 200_000);
});
