import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startNatsServer } from '../support/nats-server.js';
import { clameur } from '../support/service.js';

it('clameur feed fails where its user may not send, and names what was refused; who may, by the address, does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-refused-'));
  const conf = join(folder, 'nats.conf');
  await writeFile(
    conf,
    `authorization { users: [
       { user: technician, password: secret-too, permissions { publish: "exercise.vieux-port.*" } }
     ] }`,
  );
  const nats = await startNatsServer(['-c', conf]);
  const to = nats.url.replace('//', '//technician:secret-too@');
  const feed = (...args: string[]) =>
    clameur([
      'feed',
      'fixtures/positive/three-shots',
      '--pole',
      'opera',
      '--speed',
      '20',
      '--to',
      to,
      ...args,
    ]);
  try {
    const refused = await feed();
    expect(refused.code).toBe(3);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(
      /\*\*\*@127\.0\.0\.1:\d+ did not let this user send audio\.vieux-port\.opera\./,
    );
    expect(refused.stderr).not.toContain('secret-too');
    const sent = await feed('--exercise');
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    expect(sent.stdout).toMatch(/sent to nats:\/\/\*\*\*@127/);
  } finally {
    await nats.close();
    await rm(folder, { recursive: true, force: true });
  }
});
