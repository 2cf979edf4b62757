import { connect } from 'nats';
import { secondsToNanos } from '../../audio/index.js';
import { loadModel } from '../../listen/index.js';
import { Random } from '../../simulate/index.js';
import { bringUpNats } from '../demo-nats.js';
import { printJson } from '../output.js';
import { utcNow } from '../stage-clock.js';
import { startBenchService } from './bench-service.js';
import { cityOf, type City } from './city.js';
import { subscribeAsHub, type ReceivedEvent } from './hub.js';
import { describeOutcome, renderLatency, totalsOf } from './latency-report.js';
import { measure } from './latency-measure.js';
import { matchEvents } from './match.js';
import { planInjections, type Injection } from './plan.js';
import { encodeLoop, PoleStream } from './pole-stream.js';
import { sendAtRealPace, type Sender } from './real-pace.js';
import { backgroundLoop, SoundTable } from './sounds.js';

const LEAD_SECONDS = 4;
/** After the last injection: a crowd's 3 s and what a late event may take. */
const TAIL_SECONDS = 10;
const START_SECONDS = 0.5;

export interface LatencyOptions {
  incidents: number;
  seed: string;
  json: boolean;
  say: (line: string) => void;
}

/** `clameur bench --latency`: true if every bar is met. */
export async function benchLatency({ incidents, seed, json, say }: LatencyOptions): Promise<boolean> {
  const random = new Random(seed);
  const city = cityOf('bench', 8, 2, 3);
  const plan = planInjections(city, random.fork('plan'), { incidents, leadSeconds: LEAD_SECONDS });
  const seconds = Math.max(...plan.map(({ atSeconds }) => atSeconds)) + TAIL_SECONDS;
  say(
    `${plan.length} incidents at ${city.poles.length} poles in ${Math.ceil(seconds)} s; rendering their sound …`,
  );
  const { thresholds } = await loadModel(process.env['CLAMEUR_MODEL_PATH']);
  const mixIns = renderPlan(city, plan, random.fork('sounds'));
  const loops = city.poles.map(({ pole }) => encodeLoop(backgroundLoop(random.fork(`background ${pole}`))));
  const nats = await bringUpNats(say);
  try {
    const service = await startBenchService(city, nats.url);
    const connection = await connect({ servers: nats.url, name: 'clameur bench' });
    try {
      const events: ReceivedEvent[] = [];
      await subscribeAsHub(connection, city.site, (received) => void events.push(received));
      const startNanos = utcNow() + secondsToNanos(START_SECONDS);
      const senders = city.poles.map(({ pole }, i): Sender => {
        const stream = new PoleStream(loops[i], startNanos);
        for (const { clip, seconds } of mixIns.get(pole) ?? []) stream.add(clip, seconds);
        return { subject: `audio.${city.site}.${pole}`, frame: (k) => stream.frame(k) };
      });
      say('sending live sound …');
      const pace = await sendAtRealPace(connection, senders, { startNanos, seconds });
      const figures = await service.figures();
      const matched = matchEvents(plan, events, startNanos);
      const totals = totalsOf(matched, thresholds, startNanos);
      const dropped = figures.framesDropped + figures.patchesDropped + pace.frames - figures.frames;
      const run = {
        poles: city.poles.length,
        seconds: Math.ceil(seconds),
        senderLateSeconds: Number(pace.latestSeconds.toFixed(4)),
        dropped,
      };
      if (json) {
        for (const outcome of matched.outcomes)
          printJson(describeOutcome(outcome, measure(outcome, thresholds, startNanos)));
        for (const [{ event }] of matched.spurious) printJson({ spurious: event.data });
        printJson({ ...totals, ...run });
      } else {
        say(renderLatency(totals));
        say(
          `${dropped} frames or patches dropped; the bench sent its frames at most ${run.senderLateSeconds} s late`,
        );
      }
      return totals.failures.length === 0;
    } finally {
      await connection.close();
      await service.stop();
    }
  } finally {
    await nats.stop();
  }
}

/** What each pole hears when, by pole. */
function renderPlan(
  city: City,
  plan: readonly Injection[],
  random: Random,
): Map<string, Array<{ clip: ReturnType<SoundTable['clip']>; seconds: number }>> {
  const table = new SoundTable(random);
  const heard = new Map<string, Array<{ clip: ReturnType<SoundTable['clip']>; seconds: number }>>();
  for (const { class: kind, index, east, north, arrivals } of plan) {
    for (const pole of city.poles) {
      const seconds = arrivals.get(pole.pole);
      if (seconds === undefined) continue;
      const clip = table.clip(kind, Math.hypot(pole.east - east, pole.north - north), index);
      const list = heard.get(pole.pole) ?? [];
      list.push({ clip, seconds });
      heard.set(pole.pole, list);
    }
  }
  return heard;
}
