import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessFile } from '../support/access.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { expectAccessible, openBrowser, openConsole, screenshot } from './browser.js';

const access = accessFile();
const { viewer: token } = access.tokens;
const asked = new Set<string>();
let folder: string;
let nats: NatsServer;
let tiles: Server;
let origin: string;
let service: RunningService;
let browser: Browser;

/** A tile whose rim can be seen. */
function picture(): Buffer {
  const png = new PNG({ width: 256, height: 256 });
  for (let y = 0; y < 256; y++)
    for (let x = 0; x < 256; x++) {
      const rim = x < 2 || y < 2 || (x + y) % 64 < 2;
      png.data.set(rim ? [170, 190, 160, 255] : [236, 240, 228, 255], (y * 256 + x) * 4);
    }
  return PNG.sync.write(png);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-tiles-'));
  nats = await startNatsServer();
  const tile = picture();
  tiles = createServer((request, response) => {
    asked.add(request.url!);
    expect(request.headers.referer).toBeUndefined();
    response.setHeader('Content-Type', 'image/png').end(tile);
  });
  await new Promise<void>((resolve) => tiles.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(tiles.address() as AddressInfo).port}`;
  const config = join(folder, 'clameur.yaml');
  await writeFile(
    config,
    `site: ${join(ROOT, 'fixtures/demo/site.geojson')}\nnats: { servers: '${nats.url}' }\n` +
      `http: { tiles: { url: '${origin}/{z}/{x}/{y}.png', attribution: '© Test mappers' } }\n`,
  );
  service = await startService(nats.url, { config, env: access.env });
  await service.ready();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await service?.close();
  tiles?.close();
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a configured street map lies under the poles where it belongs, names its makers, and opens no other host', async () => {
  const { page, problems } = await openConsole(browser, service.url, { token, alsoFrom: origin });
  const answer = await fetch(service.url);
  const policy = answer.headers.get('content-security-policy');
  expect(policy).toContain(`img-src 'self' ${origin};`);
  expect(policy).toContain("connect-src 'self';");
  await page.locator('.tiles image').first().waitFor({ state: 'attached' });
  await page.getByText('© Test mappers').waitFor();
  await waitFor('tiles to be asked for', () => asked.size > 0);

  // Each pole's middle on the screen, and which tile lies there, by the formula of slippy maps.
  const site = JSON.parse(await readFile(join(ROOT, 'fixtures/demo/site.geojson'), 'utf8')) as {
    features: Array<{ geometry: { coordinates: [number, number] }; properties: { pole: string } }>;
  };
  const box = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
  const [path] = [...asked];
  const zoom = Number(path.split('/')[1]);
  for (const { geometry, properties } of site.features) {
    const [lon, lat] = geometry.coordinates;
    const radians = (lat * Math.PI) / 180;
    const x = ((lon + 180) / 360) * 2 ** zoom;
    const y = ((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2) * 2 ** zoom;
    const tile = await box(`.tiles image[href$="/${zoom}/${Math.floor(x)}/${Math.floor(y)}.png"]`);
    const pole = await box(`.pole:has(text:text-is("${properties.pole}")) circle`);
    const [px, py] = [pole.x + pole.width / 2, pole.y + pole.height / 2];
    expect(Math.abs(tile.x + (x % 1) * tile.width - px)).toBeLessThan(2);
    expect(Math.abs(tile.y + (y % 1) * tile.height - py)).toBeLessThan(2);
  }
  await expectAccessible(page);
  await screenshot(page, 'tiles');
  expect(problems).toEqual([]);
});

test('without one, the policy lets no picture in from elsewhere', async () => {
  const plain = await startService(nats.url, { env: access.env });
  try {
    const policy = (await fetch(plain.url)).headers.get('content-security-policy');
    expect(policy).toContain("img-src 'self';");
    expect(policy).not.toContain('http');
  } finally {
    await plain.close();
  }
});
