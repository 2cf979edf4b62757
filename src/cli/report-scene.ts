import { createRequire } from 'node:module';
import type { Scene } from '../feeds/index.js';
import { mergeThresholds, type Classifier, type Model } from '../listen/index.js';
import type { EventData } from '../publish/index.js';
import { ReportBuilder, type CheckReport, type ReplayReport } from '../server/index.js';
import { checkIncidents } from './check.js';
import { lastRevisions, runScene, type RunOptions } from './run-scene.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export interface ReportSceneOptions extends Pick<RunOptions, 'listen' | 'locate' | 'onProgress'> {
  model: Model;
  /** Width of a spectrogram, in columns. */
  columns: number;
}

/** Plays a scene and tells everything of it: what the console's replay and `replay --report` show. */
export async function reportScene(
  scene: Scene,
  classifier: Classifier,
  { model, columns, ...run }: ReportSceneOptions,
): Promise<ReplayReport> {
  const thresholds = mergeThresholds(model.thresholds, run.listen?.thresholds);
  const builder = new ReportBuilder({ scene, model, thresholds, version, columns });
  const { events, failures } = await runScene(scene, classifier, {
    ...run,
    model,
    speed: 'max',
    onBlock: (pole, block) => builder.onBlock(pole, block),
    onPatch: (pole, patch) => builder.onPatch(pole, patch),
    onDetection: (detection) => builder.onDetection(detection),
    onEvent: (event, step) => builder.onEvent(event, step),
  });
  const incidents = lastRevisions(events).map(({ data }) => data);
  return builder.finish(failures, hasTruth(scene) ? checkOf(scene, incidents) : undefined);
}

/** A single recording tells no truth; a scene that expects nothing does. */
function hasTruth(scene: Scene): boolean {
  return scene.truth.length > 0 || scene.source !== undefined;
}

function checkOf(scene: Scene, incidents: readonly EventData[]): CheckReport {
  const { ok, matches, unexpected } = checkIncidents(scene.truth, incidents);
  return {
    ok,
    matches: matches.map(({ truth, event, errorMeters, problems }) => ({
      truth,
      ...(event && { incidentId: event.incidentId }),
      ...(errorMeters !== undefined && { errorMeters }),
      problems,
    })),
    unexpected: unexpected.map(({ incidentId, class: name, onset }) => ({ incidentId, class: name, onset })),
  };
}
