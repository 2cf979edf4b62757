import { SAMPLE_RATE_HZ, secondsBetween, secondsToNanos, type Nanos } from '../../audio/index.js';
import type { Site } from '../../config/index.js';
import type { Classifier, ListenOptions } from '../../listen/index.js';
import type { Incident } from '../../locate/index.js';
import { Pipeline } from '../pipeline.js';
import { readMono } from '../mono.js';
import type { FoundEvent } from './events.js';
import { ONE_POLE, sideBySide } from './hear.js';
import { remembering } from './memo.js';
import { IMPULSE_SECONDS, type Soundscape } from './soundscape.js';

const BLOCK_SECONDS = 0.5;
/** Longer than any incident waits for more: what came before is closed. */
const PAUSE_SECONDS = 30;
const LANES = 4;
/** A file's longest stretch; beyond that it is heard in pieces, so that it need not lie in memory twice. */
const MOST_SECONDS = 3600;

/** Alerts of the pipeline as it ships, and of one that opens at far lower scores: the rest of the curve. */
export interface StreamFound {
  shipped: FoundEvent[];
  permissive: FoundEvent[];
}

/** A third of each class's `on`, and one pole alone may alert: what a curve over confidence needs. */
export function permissiveThresholds({ model }: Classifier): NonNullable<ListenOptions['thresholds']> {
  return Object.fromEntries(
    Object.entries(model.thresholds).map(([name, { on }]) => [
      name,
      { on: on / 3, off: on / 4.5, alone: (on / 3 + on) / 2 },
    ]),
  );
}

/** Plays a soundscape through both pipelines; what they found, at the first pole that heard it. */
export async function hearSoundscape(scape: Soundscape, classifier: Classifier): Promise<StreamFound> {
  const shared = remembering(classifier);
  const listen = { thresholds: permissiveThresholds(classifier) };
  const runs = [new Run(scape.site, shared), new Run(scape.site, shared, listen)];
  for (const pole of scape.sounds.keys()) for (const run of runs) run.begin(pole);
  const length = Math.round(BLOCK_SECONDS * SAMPLE_RATE_HZ);
  for (let at = 0; at < scape.seconds * SAMPLE_RATE_HZ; at += length) {
    const startNanos = scape.startNanos + secondsToNanos(at / SAMPLE_RATE_HZ);
    for (const run of runs)
      await Promise.all(
        [...scape.sounds].map(([pole, samples]) =>
          run.block(pole, samples.subarray(at, at + length), startNanos, at === 0),
        ),
      );
  }
  const [shipped, permissive] = await Promise.all(runs.map((run) => run.end()));
  const told = (incident: Incident): FoundEvent => asEvent(incident, scape.name, scape.startNanos);
  return { shipped: shipped.map(told), permissive: permissive.map(told) };
}

export interface NegativeRun extends StreamFound {
  /** Of sound heard; one pole. */
  seconds: number;
  unreadable: string[];
}

/** Hours of sound with nothing in it, each file once as one pole hears it, as loud as it is. */
export async function hearNegatives(
  files: readonly string[],
  classifier: Classifier,
  onProgress: (seconds: number, files: number) => void,
): Promise<NegativeRun> {
  const result: NegativeRun = { seconds: 0, shipped: [], permissive: [], unreadable: [] };
  let done = 0;
  await sideBySide(files, LANES, async (file) => {
    const samples = await readMono(file, MOST_SECONDS).catch(() => undefined);
    if (!samples) {
      result.unreadable.push(file);
      return;
    }
    const scape: Soundscape = {
      name: file,
      site: ONE_POLE,
      startNanos: secondsToNanos(PAUSE_SECONDS),
      seconds: samples.length / SAMPLE_RATE_HZ,
      sounds: new Map([[ONE_POLE.poles[0].pole, samples]]),
      truths: [],
    };
    const found = await hearSoundscape(scape, classifier);
    result.shipped.push(...found.shipped);
    result.permissive.push(...found.permissive);
    result.seconds += scape.seconds;
    onProgress(result.seconds, ++done);
  });
  return result;
}

/** One pipeline and the last revision of every incident it told. */
class Run {
  readonly #pipeline: Pipeline;
  readonly #incidents = new Map<string, Incident>();
  readonly #poles: string[] = [];

  constructor(site: Site, classifier: Classifier, listen?: ListenOptions) {
    this.#pipeline = new Pipeline({
      site,
      classifier,
      ...(listen && { listen }),
      onStep: ({ incident }) => void this.#incidents.set(incident.incidentId, incident),
    });
  }

  begin(pole: string): void {
    this.#poles.push(pole);
    this.#pipeline.onState(pole, 'live');
  }

  async block(pole: string, samples: Float32Array, startNanos: Nanos, afterBreak: boolean): Promise<void> {
    if (samples.length === 0) return;
    await this.#pipeline.onBlock(pole, {
      startNanos,
      clockUncertaintySeconds: 0.0005,
      samples,
      afterBreak,
      filledSamples: 0,
    });
  }

  async end(): Promise<Incident[]> {
    for (const pole of this.#poles) await this.#pipeline.onEnd(pole);
    await this.#pipeline.finish();
    return [...this.#incidents.values()];
  }
}

/** From the first arrival at any pole, which is what every method of placing has in common. */
function asEvent(incident: Incident, file: string, startNanos: Nanos): FoundEvent {
  const first = incident.poles.reduce<Nanos>(
    (least, { arrivalNanos }) => (arrivalNanos < least ? arrivalNanos : least),
    incident.poles[0]?.arrivalNanos ?? incident.onsetNanos,
  );
  const onset = secondsBetween(startNanos, first);
  const tail = incident.class === 'crowd_clamour' ? 0 : IMPULSE_SECONDS;
  return {
    file,
    class: incident.class,
    onset,
    offset: onset + Math.max(incident.durationSeconds + tail, 0.001),
    score: incident.confidence,
  };
}
