import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClockCheck } from '../../src/cli/check-pole/clock-check.js';
import { checkPlace } from '../../src/cli/check-pole/place-check.js';
import { SoundCheck } from '../../src/cli/check-pole/sound-check.js';
import { composeEvent } from '../../src/publish/index.js';
import { CONTEXT, gunshot, step } from '../publish/incidents.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, CLI, ROOT } from '../support/service.js';

const RATE = 16_000;
let seed = 1;
const noise = () => ((seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647) * 2 - 1;
/** Three seconds of a street: brownish noise of some −45 dBFS, and what is added to it. */
function street(add: (seconds: number) => number = () => 0, gain = 1): Float32Array {
  let low = 0;
  return Float32Array.from({ length: 3 * RATE }, (_, i) => {
    low = 0.9 * low + 0.1 * noise();
    return Math.max(-1, Math.min(1, gain * 0.02 * (low + 0.3 * noise()) + add(i / RATE)));
  });
}
const sine = (hz: number, amplitude: number) => (t: number) => amplitude * Math.sin(2 * Math.PI * hz * t);

function kindsOf(samples: Float32Array, fullScaleDbSpl?: number): string[] {
  const check = new SoundCheck(fullScaleDbSpl);
  for (let from = 0; from < samples.length; from += 1600) check.push(samples.subarray(from, from + 1600));
  expect(check.wholeSeconds).toBe(3);
  return check.findings().map(({ kind }) => kind);
}

describe('a microphone', () => {
  const hum = (t: number) => [1, 2, 3, 4, 5, 6].reduce((sum, n) => sum + sine(50 * n, 0.01)(t), 0);
  let wander = 0;
  const gusts = () => (wander = 0.999 * wander + 0.002 * noise());
  test.each([
    ['in a street has nothing wrong with it', street(), []],
    ['that is dead', new Float32Array(3 * RATE), ['dead']],
    ['that hums', street(hum), ['hum']],
    ['beside a fan of one tone does not hum', street(sine(150, 0.02)), []],
    ['with an offset', street(() => 0.1), ['dc_offset']],
    ['that is overdriven', street(sine(440, 1.5)), ['clipped', 'too_loud']],
    ['in the wind', street(gusts), ['wind']],
    ['turned down to nothing', street(undefined, 0.003), ['too_quiet']],
  ])('%s', (_what, samples, kinds) => expect(kindsOf(samples)).toEqual(kinds));

  test('is judged by its sound pressure where it is calibrated', () => {
    expect(kindsOf(street(), 120)).toEqual([]);
    expect(kindsOf(street(), 60)).toEqual(['too_quiet']);
  });
});

describe('a clock', () => {
  function kinds(late: (at: number) => number, doubt: number | undefined = 0.0005): string[] {
    const check = new ClockCheck();
    // Frames of 100 ms whose way takes up to 10 ms.
    for (let at = 0; at < 15; at += 0.1) check.frame(at, late(at) + 0.005 + 0.005 * noise(), doubt);
    return check.findings().map(({ kind }) => kind);
  }
  test.each([
    ['that is right', () => 0, []],
    ['that is two seconds slow', () => 2, ['clock_off']],
    ['that runs ahead', () => -0.5, ['clock_off']],
    ['that drifts by 5000 ppm', (at: number) => 0.005 * at, ['clock_drifts']],
  ] as const)('%s', (_what, late, expected) => expect(kinds(late)).toEqual(expected));

  test('that does not know itself, or hardly', () => {
    const check = new ClockCheck();
    check.frame(0, 0, undefined);
    expect(check.findings().map(({ kind }) => kind)).toEqual(['clock_unknown']);
    expect(kinds(() => 0, 0.02)).toEqual(['clock_doubtful']);
  });
});

describe('a place', () => {
  const events = (wrongSeconds: number, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const incident = gunshot({ incidentId: `incident-${i}` });
      const poles = incident.poles.map((pole) => ({
        ...pole,
        residualSeconds: pole.pole === 'quai-1' ? wrongSeconds : 0.001,
      }));
      return composeEvent(step('closed', { ...incident, poles }), CONTEXT);
    });

  test('that residuals of past incidents do not bear out is named, and no other', () => {
    expect(checkPlace('quai-1', events(0.03, 6)).finding).toMatchObject({ kind: 'wrong_place' });
    expect(checkPlace('quai-2', events(0.03, 6)).finding).toBeUndefined();
    expect(checkPlace('quai-1', events(0.0015, 6)).finding).toBeUndefined();
  });

  test('is not judged by fewer than five', () => {
    expect(checkPlace('quai-1', events(0.03, 4))).toEqual({ incidents: 4 });
  });
});

describe('clameur check-pole', () => {
  let nats: NatsServer;
  beforeAll(async () => void (nats = await startNatsServer()));
  afterAll(() => nats?.close());
  const check = (...args: string[]) =>
    clameur(['check-pole', ...args, '--config', 'fixtures/clameur.yaml'], { CLAMEUR_NATS_SERVERS: nats.url });

  test('finds nothing wrong with a pole that sends as it should', async () => {
    const args = [CLI, 'feed', 'fixtures/demo', '--to', nats.url, '--now'];
    const sending = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
    const { stdout, stderr } = await check('belges', '--seconds', '20', '--json');
    sending.kill();
    await once(sending, 'exit');
    const told = JSON.parse(stdout) as { frames: number; findings: Array<{ kind: string }> };
    expect(told.frames, stderr).toBeGreaterThan(20);
    expect(told.findings.map(({ kind }) => kind)).toEqual([]);
  });

  test('says that no frame comes from a pole that is silent, and exits 1', async () => {
    const { code, stdout } = await check('opera', '--seconds', '1');
    expect(code).toBe(1);
    expect(stdout).toContain('no_frames');
  });

  test('does not know a pole that the site has not', async () => {
    const { code, stderr } = await check('nowhere');
    expect([code, stderr]).toEqual([2, expect.stringContaining('[POLE_UNKNOWN]')]);
  });
});
