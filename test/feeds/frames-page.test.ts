import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Msg, NatsConnection } from 'nats';
import { expect, test } from 'vitest';
import { noFeedCounters } from '../../src/feeds/index.js';
import { PoleFeed } from '../../src/feeds/pole-feed.js';
import { ROOT } from '../support/service.js';

interface Snippet {
  frame(samples: Int16Array, head: object): Buffer;
  send(nc: NatsConnection, key: unknown, subject: string, payload: Buffer): void;
}

test('a pole that does as the page on frames says is heard, and only with its own key', async () => {
  const page = readFileSync(join(ROOT, 'src/feeds/README.md'), 'utf8');
  const [, commands] = /```sh\n(openssl[\s\S]*?)```/.exec(page)!;
  const [, code] = /```js\n([\s\S]*?)```/.exec(page)!;
  // Under the project's folder, so that the snippet finds the library.
  const folder = await mkdtemp(join(ROOT, 'test/feeds/.page-'));
  try {
    const publicKey = execFileSync('sh', ['-ec', commands], { cwd: folder, encoding: 'utf8' });
    const other = execFileSync('sh', ['-ec', commands.replaceAll('belges.key', 'other.key')], {
      cwd: folder,
      encoding: 'utf8',
    });
    await writeFile(join(folder, 'pole.mjs'), code);
    const { frame, send } = (await import(join(folder, 'pole.mjs'))) as Snippet;
    const key = createPrivateKey(readFileSync(join(folder, 'belges.key')));
    const startNanos = BigInt(Date.now()) * 1_000_000n;
    const head = { rateHz: 16_000, sequence: 0, startNanos, uncertaintyNanos: 1000 };
    const sent: Array<{ subject: string; payload: Uint8Array; headers: Msg['headers'] }> = [];
    const nc = {
      publish: (subject: string, payload: Uint8Array, options: Pick<Msg, 'headers'>) =>
        void sent.push({ subject, payload, headers: options.headers }),
    };
    const samples = Int16Array.from({ length: 1600 }, (_, i) => 1000 * Math.sin(i));
    send(nc as unknown as NatsConnection, key, 'audio.vieux-port.belges', frame(samples, head));
    const heard = (one: string): number => {
      const place = {
        position: [5, 43],
        altitudeMeters: 0,
        recorded: true,
        positionUncertaintyMeters: 1,
      } as const;
      const feed = new PoleFeed(
        { pole: 'belges', ...place, publicKey: one },
        {
          counters: noFeedCounters,
          monotonicSeconds: () => 0,
          nowNanos: () => startNanos,
          onState: () => undefined,
        },
      );
      const [{ subject, payload, headers }] = sent;
      return feed.accept(subject, payload, headers?.get('Clameur-Signature')).length;
    };
    expect([heard(publicKey), heard(other)]).toEqual([1, 0]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
