import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { startNatsServer } from '../support/nats-server.js';
import { clameur, ROOT } from '../support/service.js';
import { freeTcpPort, startRtspServer } from './servers.js';

describe.skipIf(inject('missing').rtsp !== undefined)('clameur check-pole', () => {
  test('listens to a pole whose stream is fetched as the service would, and tells a dead one from it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clameur-check-'));
    const rtsp = await startRtspServer('rtpL16pay name=pay0', 16_000);
    const nats = await startNatsServer();
    const config = join(folder, 'clameur.yaml');
    try {
      const streams = [
        { pole: 'belges', url: rtsp.url },
        { pole: 'opera', url: `rtsp://127.0.0.1:${await freeTcpPort()}/dead` },
      ];
      const site = join(ROOT, 'fixtures/site.geojson');
      await writeFile(config, stringify({ site, nats: { servers: nats.url }, streams }));
      const check = async (pole: string) => {
        const { stdout } = await clameur([
          'check-pole',
          pole,
          '--config',
          config,
          '--seconds',
          '10',
          '--json',
        ]);
        return JSON.parse(stdout) as { frames: number; findings: Array<{ kind: string; mend: string }> };
      };
      const [live, dead] = [await check('belges'), await check('opera')];
      expect(live.frames).toBeGreaterThan(0);
      expect(live.findings.map(({ kind }) => kind)).not.toContain('no_frames');
      expect(dead.frames).toBe(0);
      expect(dead.findings[0]).toMatchObject({
        kind: 'no_frames',
        mend: expect.stringContaining('streams') as string,
      });
    } finally {
      await rtsp.kill();
      await nats.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
