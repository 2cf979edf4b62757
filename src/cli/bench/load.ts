import { connect } from 'nats';
import { secondsBetween, secondsToNanos } from '../../audio/index.js';
import { loadModel } from '../../listen/index.js';
import { Random } from '../../simulate/index.js';
import { bringUpNats } from '../demo-nats.js';
import { printJson } from '../output.js';
import { utcNow } from '../stage-clock.js';
import { startBenchService } from './bench-service.js';
import { cityOf } from './city.js';
import { subscribeAsHub, type ReceivedEvent } from './hub.js';
import { heardShots, planLoad } from './load-plan.js';
import { SenderProcesses } from './load-processes.js';
import { describeLoad, loadTotals } from './load-report.js';
import { matchEvents } from './match.js';

/** After the last frame: what a late event may take. */
const TAIL_SECONDS = 2;
/** A shot is heard by all poles of a quarter and by no other. */
const QUARTER_POLES = 4;
const START_SECONDS = 1;

export interface LoadOptions {
  feeds: number;
  seconds: number;
  seed: string;
  json: boolean;
  say: (line: string) => void;
}

/** `clameur bench`: true if nothing was dropped, every shot found, and all in time. */
export async function benchLoad({ feeds, seconds, seed, json, say }: LoadOptions): Promise<boolean> {
  const random = new Random(seed);
  const quarters = Math.ceil(feeds / QUARTER_POLES);
  const whole = cityOf('load', quarters, 2, QUARTER_POLES / 2);
  const city = { ...whole, poles: whole.poles.slice(0, feeds) };
  const plan = planLoad(city, seconds, random);
  const { thresholds } = await loadModel(process.env['CLAMEUR_MODEL_PATH']);
  const nats = await bringUpNats(say);
  try {
    const senders = await SenderProcesses.start({
      natsUrl: nats.url,
      site: city.site,
      poles: city.poles.map(({ pole }) => pole),
      shots: heardShots(city, plan),
      seconds,
      seed,
    });
    const service = await startBenchService(city, nats.url);
    const connection = await connect({ servers: nats.url, name: 'clameur bench' });
    try {
      const events: ReceivedEvent[] = [];
      await subscribeAsHub(connection, city.site, (received) => void events.push(received));
      say(`${feeds} feeds for ${seconds} s, ${plan.length} shots …`);
      const before = await service.figures();
      const startNanos = utcNow() + secondsToNanos(START_SECONDS);
      const pace = await senders.send(startNanos);
      await new Promise((resolve) => setTimeout(resolve, TAIL_SECONDS * 1000));
      const after = await service.figures();
      const totals = loadTotals({
        feeds,
        soundSeconds: seconds,
        wallSeconds: secondsBetween(startNanos, utcNow()),
        pace,
        before,
        after,
        matched: matchEvents(plan, events, startNanos),
        thresholds,
        startNanos,
      });
      if (json) printJson(totals);
      else say(describeLoad(totals));
      return totals.failures.length === 0;
    } finally {
      senders.stop();
      await connection.close();
      await service.stop();
    }
  } finally {
    await nats.stop();
  }
}
