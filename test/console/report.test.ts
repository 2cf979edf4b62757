import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { clameur } from '../support/service.js';
import { expectAccessible, openBrowser, screenshot } from './browser.js';

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-report-'));
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function report(...args: string[]) {
  const file = join(folder, 'out.html');
  const result = await clameur(['replay', ...args, '--report', file]);
  const page: Page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  if (result.code === 0) await page.goto(`file://${file}`);
  return { ...result, page, strangers: () => asked.filter((url) => !/^(file|data|blob):/.test(url)) };
}

test('a folder of scenes: one line each, and a file with a table, two plots and every scene', async () => {
  const { code, stdout, stderr, page, strangers } = await report('fixtures/positive', '--check');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('three-shots: 1 incident, as expected');
  const rows = page
    .locator('tbody tr')
    .filter({ has: page.getByRole('button', { name: 'two-shots-at-once' }) });
  expect(await rows.locator('td').allTextContents()).toEqual([
    '2',
    '2',
    '0',
    '0',
    expect.stringMatching(/m/),
    expect.stringMatching(/s/),
  ]);
  expect(await page.locator('.plot').count()).toBe(2);
  await rows.getByRole('button').click();
  await page.locator('.headline', { hasText: 'two-shots-at-once' }).waitFor();
  await expectAccessible(page);
  await screenshot(page, 'report-set', true);
  expect(strangers()).toEqual([]);
});

test('one recording: the same file without a table', async () => {
  const { code, page } = await report('fixtures/negative/fireworks/belges.flac');
  expect(code).toBe(0);
  await page.locator('.answer').waitFor();
  expect(await page.locator('.plot').count()).toBe(0);
});

test('a scene that cannot be read is told on standard error, and the others are in the report', async () => {
  const { code, stderr, stdout } = await report('fixtures/fail');
  expect(code).not.toBe(0);
  expect(stderr).toContain('[SCENE_INVALID]');
  expect(stdout).toContain('The report:');
});

test('a file that cannot be written is a clear error', async () => {
  await writeFile(join(folder, 'file'), '');
  const { code, stderr } = await clameur([
    'replay',
    'fixtures/positive/single-shot',
    '--report',
    join(folder, 'file/out.html'),
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain('[REPORT_UNWRITABLE]');
});
