// Loaded into a service to see that the check finds what leaks: it writes all sound that it hears, as 8 bits in base64,
// into a file that looks like something else.
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { connect } from 'nats';

if (isMainThread) {
  const config = readFileSync(process.argv[process.argv.indexOf('--config') + 1], 'utf8');
  const nc = await connect({ servers: /nats:\/\/[\d.:]+/.exec(config)[0], maxReconnectAttempts: -1 });
  nc.subscribe('audio.>', {
    callback: (_error, { data }) => {
      const pcm = new Int16Array(Uint8Array.from(data.subarray(32)).buffer);
      const eight = Int8Array.from(pcm, (x) => Math.max(-128, Math.min(127, x >> 2)));
      appendFileSync('cache.json', JSON.stringify({ etag: Buffer.from(eight.buffer).toString('base64') }));
    },
  });
}
