import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessFile } from '../support/access.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { CLI, ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { expectAccessible, openBrowser, openConsole, screenshot } from './browser.js';

const access = accessFile();
const { operator: token } = access.tokens;
let nats: NatsServer;
let service: RunningService;
let browser: Browser;

beforeAll(async () => {
  nats = await startNatsServer();
  service = await startService(nats.url, {
    env: { ...access.env, CLAMEUR_HTTP_REQUESTS_PER_MINUTE: '100000' },
  });
  await service.ready();
  // Something to show: shots, and a verdict on them.
  const args = [CLI, 'feed', 'fixtures/positive/three-shots', '--to', nats.url, '--now'];
  await once(spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' }), 'exit');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (path: string, init = {}) =>
    (await fetch(`${service.url}/api/v1${path}`, { headers, ...init })).json();
  type Answer = { incidents: Array<{ incidentId: string }> };
  await waitFor('an incident', async () => ((await ask('/incidents')) as Answer).incidents.length > 0, 60);
  const { incidents } = (await ask('/incidents')) as Answer;
  const body = JSON.stringify({ verdict: 'dismissed', reason: 'fireworks' });
  await ask(`/incidents/${incidents[0].incidentId}/verdict`, { method: 'POST', body });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await service?.close();
  await nats?.close();
});

/** What is read in the page, but for what says of itself that it is English, and for names. */
async function readInPage(page: Page): Promise<string> {
  return (await page.evaluate(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
      const { parentElement, textContent } = walker.currentNode;
      if (!parentElement.closest('[lang=en], noscript, code, script, style')) texts.push(textContent);
    }
    for (const element of document.querySelectorAll('[aria-label], [title]'))
      if (!element.closest('[lang=en]'))
        texts.push(element.getAttribute('aria-label') ?? '', element.getAttribute('title') ?? '');
    return texts.join('\\n');
  })()`)) as string;
}

const ENGLISH =
  /^.*\b(the|of|with|heard|sounded|not|is|are|was|pole|poles|from|shot|shots|gunshot|level|time|level|score of|noise|clock|found|recording|recordings)\b.*$/im;

/** Each view, and what is in it once it is there. */
const VIEWS: ReadonlyArray<readonly [name: string, open: (page: Page) => Promise<void>]> = [
  [
    'live',
    async (page) => {
      await page.goto(`${service.url}/#/live`);
      await page.locator('.incident-card').first().waitFor();
    },
  ],
  [
    'incident',
    async (page) => {
      await page.locator('.incident-card').first().click();
      await page.locator('.details .evidence li').first().waitFor();
      await page.locator('.details details').evaluate('(element) => (element.open = true)');
    },
  ],
  [
    'pole',
    async (page) => {
      await page.goto(`${service.url}/#/poles/opera`);
      await page.locator('.strips, .side .faint').first().waitFor();
    },
  ],
  [
    'history',
    async (page) => {
      await page.goto(`${service.url}/#/history`);
      await page.locator('.incident-card').first().waitFor();
    },
  ],
  [
    'life',
    async (page) => {
      await page.locator('.incident-card').first().click();
      await page.getByRole('slider').waitFor();
    },
  ],
  [
    'refused',
    async (page) => {
      await page.goto(`${service.url}/#/replay`);
      await page.locator('.drop input').setInputFiles(join(ROOT, 'package.json'));
      await page.getByRole('alert').waitFor();
    },
  ],
  [
    'no-alert',
    async (page) => {
      await page.locator('.drop input').setInputFiles(join(ROOT, 'fixtures/negative/fireworks/belges.flac'));
      await page.locator('.answers').waitFor();
    },
  ],
  [
    'about',
    async (page) => {
      await page.goto(`${service.url}/#/about`);
      await page.locator('table').waitFor();
    },
  ],
];

test.each([
  ['en-GB', 'light'],
  ['en-GB', 'dark'],
  ['fr-FR', 'light'],
  ['fr-FR', 'dark'],
] as const)('%s, %s: every view is accessible, and of one language', async (locale, colorScheme) => {
  const { page, problems } = await openConsole(browser, service.url, { token, locale, colorScheme });
  try {
    for (const [name, open] of VIEWS) {
      await open(page);
      await expectAccessible(page);
      if (locale === 'fr-FR') expect(ENGLISH.exec(await readInPage(page))?.[0], name).toBeUndefined();
      await screenshot(page, `every-${locale.slice(0, 2)}-${colorScheme}-${name}`, name === 'no-alert');
    }
    expect(problems).toEqual([]);
  } finally {
    await page.context().close();
  }
});

test('the map is there soon after a first visit: the time is printed, and not judged, for machines differ', async () => {
  const paint: number[] = [];
  const drawn: number[] = [];
  for (let i = 0; i < 5; i++) {
    // A context of its own has an empty cache; signing in is part of it.
    const { page } = await openConsole(browser, service.url, { token });
    await page.locator('.map .pole').first().waitFor();
    const [first, now] = (await page.evaluate(`[
      performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
      performance.now(),
    ]`)) as [number, number];
    paint.push(first);
    drawn.push(now);
    await page.context().close();
  }
  const middle = (values: number[]) => [...values].sort((a, b) => a - b)[2].toFixed(0);
  process.stdout.write(
    `page load on localhost, median of 5: first contentful paint after ${middle(paint)} ms, map with poles after ${middle(drawn)} ms\n`,
  );
  expect(paint.every((value) => value > 0)).toBe(true);
});
