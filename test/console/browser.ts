import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { ROOT } from '../support/service.js';
import { smallPng } from './picture.js';

/** Screenshots of each view: build output, not in git. */
export const SCREENSHOTS = join(ROOT, 'dist/screenshots');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SLOW_MILLIS = 120_000;

export async function openBrowser(): Promise<Browser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    timeout: SLOW_MILLIS,
  });
}

/** What a page did that no page of ours may do: errors, and requests to another host. */
export interface Watched {
  page: Page;
  problems: string[];
}

/** A page signed in with a token (by the link that the service's operator would open). */
export async function openConsole(
  browser: Browser,
  url: string,
  {
    token,
    view = 'live',
    alsoFrom = url,
    ...options
  }: { token?: string; view?: string; alsoFrom?: string } & BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(SLOW_MILLIS);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // A refusal (401, 409, 415) is told to the console by the browser itself, and shown by the page.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      problems.push(message.text());
  });
  page.on('request', (request) => {
    if (
      !request.url().startsWith(url) &&
      !request.url().startsWith(alsoFrom) &&
      !request.url().startsWith('blob:') &&
      !request.url().startsWith('data:')
    )
      problems.push(`asked ${request.url()}`);
  });
  await page.goto(token ? `${url}/#token=${token}` : `${url}/#/${view}`);
  await page.getByRole('navigation').waitFor();
  if (token && view !== 'live') await page.goto(`${url}/#/${view}`);
  return { page, problems };
}

/** No violation of WCAG 2.1 A and AA, nor of axe's best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: Array<{ id: string; help: string; nodes: Array<{ html: string; failureSummary: string }> }>;
  };
  const told = found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n  ${nodes.map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`).join('\n  ')}`,
  );
  expect(told).toEqual([]);
}

/** Those that documents show: `npm run pictures` makes them anew. */
const PICTURES: Record<string, string> = {
  incident: 'live',
  replay: 'replay',
  'history-life': 'history',
  pole: 'poles',
};

export async function screenshot(page: Page, name: string, fullPage = false): Promise<void> {
  const picture = await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
  if (process.env['PICTURES'] && name in PICTURES)
    writeFileSync(join(ROOT, 'src/console/pictures', `${PICTURES[name]}.png`), smallPng(picture));
}
