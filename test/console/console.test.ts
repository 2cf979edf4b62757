import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accessFile } from '../support/access.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { CLI, ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { expectAccessible, openBrowser, openConsole, screenshot, type Watched } from './browser.js';

const access = accessFile();
const { operator: token } = access.tokens;

let nats: NatsServer;
let service: RunningService;
let browser: Browser;
let open: Watched[] = [];

async function console_(options: Parameters<typeof openConsole>[2] = {}): Promise<Page> {
  const watched = await openConsole(browser, service.url, { token, ...options });
  open.push(watched);
  return watched.page;
}

beforeAll(async () => {
  nats = await startNatsServer();
  service = await startService(nats.url, {
    env: { ...access.env, CLAMEUR_HTTP_REQUESTS_PER_MINUTE: '100000' },
  });
  await service.ready();
  browser = await openBrowser();
});
afterEach(async () => {
  const problems = open.flatMap((watched) => watched.problems);
  for (const { page } of open) await page.context().close();
  open = [];
  expect(problems).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await service?.close();
  await nats?.close();
});

/** A scene as live sound, by the command that a technician uses, again and again: what is slow to look misses nothing. */
function feeding(scene: string): { stop(): Promise<void> } {
  let wanted = true;
  let child: ChildProcess;
  const ended = (async () => {
    while (wanted) {
      child = spawn(process.execPath, [CLI, 'feed', scene, '--to', nats.url, '--now'], {
        cwd: ROOT,
        stdio: 'ignore',
      });
      await once(child, 'exit');
    }
  })();
  return {
    stop: async () => {
      wanted = false;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

describe('the page', () => {
  test('has less than 300 kB, and everything of it from its own host', async () => {
    let bytes = 0;
    const page = await (await browser.newContext()).newPage();
    page.on('response', (response) => {
      if (response.headers()['content-type']?.includes('event-stream')) return;
      void response.body().then(
        (body) => (bytes += body.length),
        () => undefined,
      );
    });
    await page.goto(service.url);
    await page.getByRole('navigation').waitFor();
    await page.waitForLoadState('load');
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(300_000);
    await page.context().close();
  });

  test('shows a stranger nothing but where to sign in; a wrong token is told, a right one opens it', async () => {
    const watched = await openConsole(browser, service.url);
    open.push(watched);
    const { page } = watched;
    await page.getByLabel('Access token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).last().click();
    await page.getByRole('alert').getByText('not valid').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'sign-in');
    await page.getByLabel('Access token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).last().click();
    await page.getByText('Poles live').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  });
});

describe('live', () => {
  test('poles turn live, an incident appears, its reasons are told, a verdict is given, and a silent pole goes stale', async () => {
    const page = await console_();
    await page.getByText('All is quiet').waitFor();
    const sound = feeding('fixtures/positive/three-shots');
    await page.getByText('8 / 8').waitFor();
    const card = page.locator('.incident-card').first();
    await card.waitFor();
    await screenshot(page, 'live-incident');
    await card.click();
    await page.getByRole('heading', { name: 'By pole' }).waitFor();
    await page.locator('.tag', { hasText: 'closed' }).waitFor();
    await expectAccessible(page);
    await screenshot(page, 'incident');

    await page.getByLabel('Note').fill('seen by a patrol');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Recorded: confirmed').waitFor();
    await page.locator('.details .verdict.confirmed').waitFor();
    await screenshot(page, 'verdict');

    await sound.stop();
    await page.goto(`${service.url}/#/poles`);
    await page.locator('.dot.stalled').first().waitFor();
    await page.getByText('0 / 8').waitFor({ state: 'detached' });
    await expectAccessible(page);
    await screenshot(page, 'poles-stale');
  });

  test('a technician sees a pole’s level, scores and third octaves by the second, and no spectrogram', async () => {
    const sound = feeding('fixtures/demo');
    const page = await console_({ view: 'poles' });
    await page.getByRole('button', { name: 'opera' }).click();
    await page.locator('.strips').waitFor();
    await page.locator('.bands').waitFor();
    await page.locator('.meter .level').first().waitFor();
    expect(await page.locator('canvas').count()).toBe(0);
    await expectAccessible(page);
    await screenshot(page, 'pole');
    await sound.stop();
  });
});

describe('history', () => {
  test('incidents are found by class and area, exported, and one is told step by step', async () => {
    const page = await console_({ view: 'history' });
    const cards = page.locator('.incident-card');
    await cards.first().waitFor();
    await page.getByText(/[1-9]\d* found/).waitFor();
    await page.getByLabel('Class').selectOption('unusual');
    await page.getByText('No incident matches.').waitFor();
    await page.getByLabel('Class').selectOption('');
    await cards.first().waitFor();
    await page.getByRole('button', { name: 'Draw on the map' }).click();
    const map = (await page.locator('.map').boundingBox())!;
    await page.mouse.move(map.x + 8, map.y + 40);
    await page.mouse.down();
    await page.mouse.move(map.x + 40, map.y + 70, { steps: 4 });
    await page.mouse.up();
    await page.getByText('No incident matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the area' }).click();
    await page.getByRole('button', { name: 'Density' }).click();
    await page.locator('.density rect').first().waitFor({ state: 'attached' });
    await expectAccessible(page);
    await screenshot(page, 'history');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toContain('gunshot');

    await page
      .getByRole('button', { name: /Gunshot/ })
      .first()
      .click();
    const slider = page.getByRole('slider');
    await slider.fill('3');
    await page.getByText(/The sound reaches/).waitFor();
    await screenshot(page, 'history-life');
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByText(/Detected, revision 1/).waitFor();
    await expectAccessible(page);
  });
});

/** Drops files on the page as a hand would: the browser makes the DataTransfer. */
async function drop(page: Page, files: Array<{ name: string; path: string }>): Promise<void> {
  const contents = await Promise.all(
    files.map(async ({ name, path }) => ({
      name,
      base64: (await readFile(join(ROOT, path))).toString('base64'),
    })),
  );
  await page.locator('.drop').waitFor();
  await page.evaluate(`(() => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of ${JSON.stringify(contents)})
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  })()`);
}

async function sceneFiles(folder: string): Promise<Array<{ name: string; path: string }>> {
  const names = await readdir(join(ROOT, folder));
  return names.map((name) => ({ name, path: join(folder, name) }));
}

describe('replay', () => {
  test('a scene is dropped: what was heard, where and why; its report is one file that needs nothing else', async () => {
    const page = await console_({ view: 'replay' });
    await page.locator('.drop').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'replay-drop');
    // Seen by the page itself: a browser that is short of time may draw it too late for a look from outside.
    await page.evaluate(`new MutationObserver(() => {
      window.sawProgress ||= document.querySelector('progress') !== null;
    }).observe(document.body, { childList: true, subtree: true })`);
    await drop(page, await sceneFiles('fixtures/positive/three-shots'));
    await screenshot(page, 'replay-progress');
    await page.locator('.answer', { hasText: 'Gunshot' }).waitFor();
    expect(await page.evaluate('window.sawProgress')).toBe(true);
    await page
      .getByText(/m [a-z-]+ of rive-neuve-est/)
      .first()
      .waitFor();
    await page.locator('.spectrogram').first().waitFor();
    await page.locator('.onset.gunshot').first().waitFor();
    await expectAccessible(page);
    await page.setViewportSize({ width: 1280, height: 1180 });
    await screenshot(page, 'replay');
    await screenshot(page, 'replay-whole', true);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download as one HTML file' }).click(),
    ]);
    const alone = await (await browser.newContext()).newPage();
    const asked: string[] = [];
    alone.on('request', (request) => asked.push(request.url()));
    const file = `${await download.path()}.html`;
    await download.saveAs(file);
    await alone.goto(`file://${file}`);
    await alone.locator('.answer', { hasText: 'Gunshot' }).waitFor();
    await expectAccessible(alone);
    await screenshot(alone, 'report-file');
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    await alone.context().close();
  });

  test('one recording alone tells what was heard and how near to an alert; what is no sound is refused in words', async () => {
    const page = await console_({ view: 'replay' });
    await drop(page, [{ name: 'notes.txt', path: 'README.md' }]);
    await page.getByRole('alert').getByText('none of what can be replayed').waitFor();
    await screenshot(page, 'replay-refused');
    await drop(page, [{ name: 'quai.flac', path: 'fixtures/negative/fireworks/belges.flac' }]);
    await page.locator('.answer').waitFor();
    await page.getByText('Why no alert').waitFor();
    await page.getByText(/Nearest to one: Explosion 0\.\d+ \(quai, /).waitFor();
    await page.locator('.gauge').first().waitFor();
    await expectAccessible(page);
    await screenshot(page, 'replay-one-recording');
  });
});

describe('for everyone', () => {
  test('French, as the browser asks', async () => {
    const page = await console_({ locale: 'fr-FR' });
    await page.getByText('Mâts en direct').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
    await expectAccessible(page);
    await screenshot(page, 'french');
    await page.goto(`${service.url}/#/about`);
    await page.getByText('Ce qui est gardé').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'french-about');
  });

  test('dark, as the system asks, and by the switch', async () => {
    const page = await console_({ colorScheme: 'dark' });
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await page.getByText('Poles live').waitFor();
    await page.locator('.incident-card').first().click();
    await page.getByRole('heading', { name: 'By pole' }).waitFor();
    await expectAccessible(page);
    await screenshot(page, 'dark');
    await page.getByLabel('Theme').selectOption('light');
    expect(await ground()).not.toBe(dark);
  });

  test.each(['live', 'poles', 'history', 'replay', 'about'])(
    '360 pixels wide, %s has nothing that sticks out',
    async (view) => {
      const page = await console_({ view, viewport: { width: 360, height: 740 } });
      await page.locator('nav [aria-current]').waitFor();
      await page.locator('.map, .drop, .facts-list').first().waitFor();
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide).toBeLessThanOrEqual(360);
      await expectAccessible(page);
      await screenshot(page, `narrow-${view}`);
    },
  );

  test('the keyboard alone gets to an incident and back', async () => {
    const page = await console_();
    await page.locator('.incident-card').first().waitFor();
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.className')) === 'card incident-card') break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By pole' }).waitFor();
    await page.getByRole('button', { name: /Back to the list/ }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.incident-card').first().waitFor();
  });

  test('ten browsers at once all see the same incident as it comes', async () => {
    const pages = await Promise.all(
      Array.from({ length: 10 }, () => console_({ viewport: { width: 800, height: 600 } })),
    );
    const newest = (page: Page) => page.locator('.incident-card .time').first().textContent();
    for (const page of pages) await page.locator('.incident-card').first().waitFor();
    const before = await newest(pages[0]);
    const sound = feeding('fixtures/positive/single-shot');
    await waitFor('a new incident', async () => (await newest(pages[0])) !== before, 200);
    await sound.stop();
    await waitFor(
      'all ten to show the same new incident',
      async () => {
        const times = await Promise.all(pages.map(newest));
        return times.every((time) => time === times[0] && time !== before);
      },
      200,
    );
    expect((await fetch(`${service.url}/healthz`)).ok).toBe(true);
  });
});
