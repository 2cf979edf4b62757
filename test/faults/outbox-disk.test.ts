import { spawnSync } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvents, until } from '../publish/hub.js';
import { startNatsServer } from '../support/nats-server.js';
import { Link } from './link.js';
import { expectNothingLost, Publishing, publishingFolder } from './publishing.js';

const small = join(tmpdir(), `clameur-small-disk-${process.pid}`);
const mounted = spawnSync('sh', ['-c', `mkdir -p ${small} && mount -t tmpfs -o size=2m tmpfs ${small}`]);
const why = mounted.status === 0 ? '' : ` (not possible here: ${mounted.stderr.toString().trim()})`;
let folder: string;
beforeAll(async () => void (folder = await publishingFolder()));
afterAll(async () => {
  spawnSync('sh', ['-c', `umount ${small}; rmdir ${small}`]);
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(mounted.status !== 0)(
  `a full disk stops nothing: events go out without it, and once there is room all that waits is safe from a kill${why}`,
  async () => {
    const nats = await startNatsServer();
    const link = await Link.open(nats.port);
    const data = join(small, 'data');
    await mkdir(data);
    const child = new Publishing(folder, link.url, data);
    const more = async (what: string, count: number): Promise<void> => {
      const before = child.said().length;
      await until(what, () => child.said().length > before + count, 120);
    };
    await more('it publishes', 10);
    const filler = join(small, 'filler');
    await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
    expect((await stat(filler)).size).toBeGreaterThan(0);
    await more('it goes on with a full disk', 60);
    expect(child.process.exitCode).toBeNull();
    // Neither disk nor network: what is made now lies in memory only, until there is room.
    link.set('cut');
    await more('it goes on with neither', 30);
    await rm(filler);
    await more('it goes on with room', 300);
    const made = await child.end('SIGKILL');
    link.set('open');
    const next = new Publishing(folder, link.url, data, { first: 10_000 });
    await until('it starts again', () => next.said().length > 10, 120);
    made.push(...(await next.end('SIGTERM')));
    expectNothingLost(
      made,
      (await readEvents(nats.url)).map(({ event }) => event),
      'a full disk',
    );
    link.close();
    await nats.close();
  },
);
