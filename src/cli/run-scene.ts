import type { ClameurError } from '../config/index.js';
import { SceneFeed, type Scene } from '../feeds/index.js';
import type { Classifier } from '../listen/index.js';
import type { IncidentStep } from '../locate/index.js';
import { composeEvent, type CloudEvent, type ModelIdentity } from '../publish/index.js';
import { Pipeline, type PipelineOptions } from './pipeline.js';

export interface RunOptions extends Pick<
  PipelineOptions,
  'listen' | 'locate' | 'onBlock' | 'onPatch' | 'onDetection'
> {
  speed: number | 'max';
  model: ModelIdentity;
  onEvent?: (event: CloudEvent, step: IncidentStep) => void;
  onProgress?: (doneSeconds: number, totalSeconds: number) => void;
}

export interface SceneRun {
  /** Every event in order. */
  events: CloudEvent[];
  /** Recordings that could not be read to the end; the others were played. */
  failures: ClameurError[];
}

/** Plays a scene through the same path as live sound. Resolves once all is decided. */
export async function runScene(scene: Scene, classifier: Classifier, options: RunOptions): Promise<SceneRun> {
  const events: CloudEvent[] = [];
  const recorded = new Set(scene.recordings.map(({ pole }) => pole));
  const pipeline = new Pipeline({
    site: {
      ...scene.site,
      // A pole without a recording here takes no part: it is not a silent one.
      poles: scene.site.poles.map((pole) => ({
        ...pole,
        recorded: pole.recorded && recorded.has(pole.pole),
      })),
    },
    classifier,
    ...(options.listen && { listen: options.listen }),
    ...(options.locate && { locate: options.locate }),
    ...(options.onDetection && { onDetection: options.onDetection }),
    ...(options.onBlock && { onBlock: options.onBlock }),
    ...(options.onPatch && { onPatch: options.onPatch }),
    onStep: (step) => {
      const event = composeEvent(step, { site: scene.site.site, exercise: false, model: options.model });
      events.push(event);
      options.onEvent?.(event, step);
    },
  });
  if (scene.weather) pipeline.locator.setWeather(scene.weather);
  const feed = new SceneFeed(scene, {
    speed: options.speed,
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  await feed.start(pipeline);
  await pipeline.finish();
  return { events, failures: feed.failures };
}

/** The last revision of each incident, in order of first appearance. */
export function lastRevisions(events: readonly CloudEvent[]): CloudEvent[] {
  const last = new Map<string, CloudEvent>();
  for (const event of events) last.set(event.data.incidentId, event);
  return [...last.values()];
}
