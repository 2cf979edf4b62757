import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { secondsToNanos } from '../../audio/index.js';
import { bringUpNats } from '../demo-nats.js';
import { utcNow } from '../stage-clock.js';
import { SenderProcesses } from './load-processes.js';
import { FRAME_SECONDS } from './pole-stream.js';
import type { ReceiveReport } from './receive-meter.js';

const SCRIPT = fileURLToPath(new URL('../../../dist/cli/bench/receive-meter.js', import.meta.url));
const SITE = 'receive';
/** Until code is compiled and buffers are as large as they get. */
const WARM_SECONDS = 4;

/** Processor milliseconds a feed-second of taking frames in from a real NATS and doing nothing with them. */
export async function measureReceive(
  feeds: number,
  seconds: number,
  seed: string,
  say: (line: string) => void,
): Promise<number> {
  const nats = await bringUpNats(say);
  const meter = fork(SCRIPT, [nats.url, `audio.${SITE}.>`]);
  try {
    await once(meter, 'message');
    const senders = await SenderProcesses.start({
      natsUrl: nats.url,
      site: SITE,
      poles: Array.from({ length: feeds }, (_, i) => `p${i}`),
      shots: [],
      seconds: WARM_SECONDS + seconds,
      seed,
    });
    try {
      setTimeout(() => meter.send('begin'), WARM_SECONDS * 1000);
      await senders.send(utcNow() + secondsToNanos(0.1));
    } finally {
      senders.stop();
    }
    const report = once(meter, 'message');
    meter.send('end');
    const [{ frames, cpuMillis }] = (await report) as [ReceiveReport];
    return cpuMillis / (frames * FRAME_SECONDS);
  } finally {
    meter.kill();
    await nats.stop();
  }
}
