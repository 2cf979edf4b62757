import { connect } from 'nats';
import { secondsToNanos } from '../../audio/index.js';
import { loadModel } from '../../listen/index.js';
import { Random } from '../../simulate/index.js';
import { bringUpNats } from '../demo-nats.js';
import { utcNow } from '../stage-clock.js';
import { startBenchService, type BenchService, type ServiceFigures } from './bench-service.js';
import { cityOf } from './city.js';
import { subscribeAsHub, type ReceivedEvent } from './hub.js';
import { heardShots, planLoad } from './load-plan.js';
import { SenderProcesses } from './load-processes.js';
import { ProfileFolder } from './load-profile.js';
import { loadTotals, type LoadTotals } from './load-report.js';
import { matchEvents } from './match.js';

/** Code is compiled and buffers grow in the first seconds, of a service that runs for months: their cost is not counted. */
const WARM_SECONDS = 10;
const WARM_SHARE = 1 / 3;
/** After the last frame: what a late event may take. */
const TAIL_SECONDS = 2;
/** A shot is heard by all poles of a quarter and by no other. */
const QUARTER_POLES = 4;
const START_SECONDS = 1;

export interface LoadOptions {
  feeds: number;
  seconds: number;
  seed: string;
  /** Also where the service spends its time. */
  profile?: boolean;
  say: (line: string) => void;
}

/** One number of live feeds through the real service: what became of the sound, and what it cost. */
export async function runLoad({ feeds, seconds, seed, profile, say }: LoadOptions): Promise<LoadTotals> {
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
    const profiled = profile ? await ProfileFolder.make() : undefined;
    const service = await startBenchService(city, nats.url, profiled?.nodeArguments);
    const connection = await connect({ servers: nats.url, name: 'clameur bench' });
    try {
      const events: ReceivedEvent[] = [];
      await subscribeAsHub(connection, city.site, (received) => void events.push(received));
      say(`${feeds} feeds for ${seconds} s, ${plan.length} shots …`);
      const before = await service.figures();
      const startNanos = utcNow() + secondsToNanos(START_SECONDS);
      const warmSeconds = Math.min(WARM_SECONDS, seconds * WARM_SHARE);
      const warmed = figuresAfter(service, START_SECONDS + warmSeconds);
      const pace = await senders.send(startNanos);
      await new Promise((resolve) => setTimeout(resolve, TAIL_SECONDS * 1000));
      const after = await service.figures();
      const totals = loadTotals({
        feeds,
        soundSeconds: seconds,
        pace,
        costSeconds: seconds - warmSeconds,
        before,
        warmed: await warmed,
        after,
        matched: matchEvents(plan, events, startNanos),
        thresholds,
        startNanos,
      });
      if (!profiled) return totals;
      await service.stop();
      return { ...totals, profile: await profiled.shares() };
    } finally {
      senders.stop();
      await connection.close();
      await service.stop();
    }
  } finally {
    await nats.stop();
  }
}

async function figuresAfter(service: BenchService, seconds: number): Promise<ServiceFigures> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return service.figures();
}
