import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { clameur } from '../support/service.js';

const SEED = process.env['SEED'] ?? String(Math.floor(Math.random() * 1e9));

interface Check {
  name: string;
  passed: boolean;
  detail: string;
}

async function verify(...args: string[]): Promise<{ code: number | null; failed: Check[]; all: Check[] }> {
  const { code, stdout } = await clameur(['privacy', 'verify', '--quick', '--seed', SEED, '--json', ...args]);
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Check);
  return { code, all, failed: all.filter(({ passed }) => !passed) };
}

test(`of speech and shots nothing is kept nor told that they could be had from (SEED=${SEED})`, async () => {
  const { code, all, failed } = await verify();
  expect(failed).toEqual([]);
  expect([code, all.length]).toEqual([0, 8]);
}, 900_000);

test('a service that leaks, in whatever clothes, fails the check, which says where', async () => {
  const leaking = fileURLToPath(new URL('leaking.mjs', import.meta.url));
  const { code, failed } = await verify('--preload', leaking);
  expect(code).toBe(1);
  expect(failed.map(({ detail }) => detail).join()).toMatch(/cache\.json \(base64.* > .*int8\): sound of/);
}, 900_000);
