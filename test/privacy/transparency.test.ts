import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, ROOT, startService, type RunningService } from '../support/service.js';

const EXAMPLE = join(ROOT, 'fixtures/transparency.yaml');
let nats: NatsServer;
let folder: string;
let service: RunningService | undefined;

beforeAll(async () => {
  nats = await startNatsServer();
  folder = await mkdtemp(join(tmpdir(), 'clameur-transparency-'));
});
afterAll(async () => {
  await service?.close();
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

const production = (file = '') => ({
  CLAMEUR_MODE: 'production',
  CLAMEUR_NATS_SERVERS: nats.url,
  CLAMEUR_HTTP_PORT: '0',
  CLAMEUR_DATA: join(folder, 'data'),
  ...(file && { CLAMEUR_TRANSPARENCY: file }),
});

/** Each another, so that what a page says of one is not said of another. */
const RETENTION = {
  CLAMEUR_RETENTION_EVENTS_DAYS: '9',
  CLAMEUR_RETENTION_UNCONFIRMED_DAYS: '6',
  CLAMEUR_RETENTION_VERDICTS_DAYS: '91',
  CLAMEUR_RETENTION_FIGURES_DAYS: '92',
  CLAMEUR_RETENTION_AUDIT_DAYS: '93',
};

describe('in production the service refuses to start', () => {
  test.each<[string, ((text: string) => string) | undefined, string]>([
    ['without a record', undefined, 'TRANSPARENCY_MISSING'],
    ['without a legal basis in it', (text) => text.replace(/legalBasis:.*/, ''), 'legalBasis'],
    ['with an empty purpose', (text) => text.replace(/purpose:.*/, 'purpose: ""'), 'purpose'],
    ['with one that has run out', (text) => text.replace('2099', '2020'), 'TRANSPARENCY_EXPIRED'],
    ['with one that is no YAML', () => 'controller: [', 'TRANSPARENCY_INVALID'],
  ])('%s', async (_what, change, named) => {
    const file = join(folder, 'record.yaml');
    if (change) await writeFile(file, change(await readFile(EXAMPLE, 'utf8')));
    const result = await clameur(
      ['serve', '--config', 'fixtures/clameur.yaml'],
      production(change ? file : ''),
    );
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(named);
  });
});

describe('with a record it starts, and tells anyone', () => {
  beforeAll(async () => {
    service = await startService(nats.url, { env: { ...production(EXAMPLE), ...RETENTION } });
    await service.ready();
  });

  test('as JSON: purpose, legal basis as stated, classes, thresholds, model, retention and figures, and no pole’s place', async () => {
    const answer = await fetch(`${service!.url}/api/v1/transparency`);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({
      mode: 'production',
      site: 'vieux-port',
      operator: { legalBasis: expect.stringContaining('on paper only') },
      classes: ['gunshot', 'explosion', 'crowd_clamour'],
      thresholds: { gunshot: { alone: expect.any(Number) } },
      model: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      sound: { stored: false, cameras: 'none' },
      retention: {
        eventsDays: 9,
        unconfirmedEventsDays: 6,
        verdictsDays: 91,
        figuresDays: 92,
        auditDays: 93,
      },
      auditPublicKey: expect.stringMatching(/=$/),
      figures: { total: { alerts: 0 } },
    });
    for (const coordinates of ['5.3745', '43.2955']) expect(text).not.toContain(coordinates);
  });

  test('as a page that says what the law says, without a script', async () => {
    const answer = await fetch(`${service!.url}/transparency`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await answer.text();
    expect(page).toContain('Software cannot make a deployment lawful');
    expect(page).toContain('2104478');
    expect(page).toContain('Send help sooner');
    expect(page).toContain('Signs at each pole');
    expect(page).toMatch(/gunshot: one pole alone 0\.9\d+, each of several 0\.\d+; explosion/);
    expect(page).toContain('ShotSpotter, Inc., live-fire tests');
    for (const days of Object.values(RETENTION)) expect(page).toContain(`${days} days`);
    expect(page).not.toContain('<script');
  });

  test('clameur privacy dpia fills in what is measured, and marks what only the controller can say', async () => {
    const result = await clameur(['privacy', 'dpia', '--config', 'fixtures/clameur.yaml'], {
      ...production(EXAMPLE),
      ...RETENTION,
    });
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toContain('| alerts | 0: 0 confirmed');
    expect(result.stdout).toContain('Example City, public safety department');
    for (const days of Object.values(RETENTION)) expect(result.stdout).toContain(`${days} days`);
    expect(result.stdout.match(/to be filled in by the controller/g)!.length).toBeGreaterThan(5);
    const record = await clameur(
      ['privacy', 'record', '--config', 'fixtures/clameur.yaml', '--json'],
      production(EXAMPLE),
    );
    expect(JSON.parse(record.stdout)).toMatchObject({
      system: 'Clameur',
      operatorRecord: expect.any(String),
    });
  });
});
