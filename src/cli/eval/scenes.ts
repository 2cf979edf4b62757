import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClameurError } from '../../config/index.js';
import { readScene } from '../../feeds/index.js';
import { checkIncidents, type CheckResult } from '../check.js';
import { lastRevisions, runScene } from '../run-scene.js';
import type { NamedClassifier } from './open-models.js';
import { insideEllipse, summarise, type SceneScore } from './scene-summary.js';

export interface SceneResult {
  model: string;
  scores: SceneScore[];
  totals: Record<string, number>;
}

/** Scene level: the whole pipeline on scenes with a truth; what was found, missed, wrong, and how far off. */
export async function evaluateScenes(
  paths: readonly string[],
  models: readonly NamedClassifier[],
  onScore: (model: string, score: SceneScore, done: number) => void,
): Promise<SceneResult[]> {
  const results: SceneResult[] = [];
  for (const { label, classifier } of models) {
    const scores: SceneScore[] = [];
    for (const path of paths) {
      const scene = await readScene(path);
      const { events, failures } = await runScene(scene, classifier, {
        speed: 'max',
        model: classifier.model,
      });
      for (const failure of failures) process.stderr.write(`clameur: ${failure.message}\n`);
      const last = lastRevisions(events).map(({ data }) => data);
      scores.push(scoreOf(path, checkIncidents(scene.truth, last)));
      onScore(label, scores[scores.length - 1], scores.length);
    }
    results.push({ model: label, scores, totals: summarise(scores) });
  }
  return results;
}
/** The scene folder itself, or every scene folder right below. */
export function scenesIn(folder: string): string[] {
  if (existsSync(join(folder, 'scene.json'))) return [folder];
  const below = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'scene.json')))
        .map((entry) => join(folder, entry.name))
        .sort()
    : [];
  if (below.length === 0)
    throw new ClameurError('SCENE_INVALID', {
      file: folder,
      problem: 'there is no scene.json in it or right below',
    });
  return below;
}

function scoreOf(scene: string, result: CheckResult): SceneScore {
  return {
    scene,
    ok: result.ok,
    truths: result.matches.map(({ truth, event, problems, errorMeters }) => ({
      class: truth.class,
      ...(event && {
        heardAs: event.class,
        method: event.method,
        confidence: event.confidence,
        polesHeard: event.polesHeard,
      }),
      ...(errorMeters !== undefined && { errorMeters: Math.round(errorMeters * 10) / 10 }),
      ...(truth.location &&
        event?.location &&
        event.accuracy && { insideEllipse: insideEllipse(truth.location, event) }),
      problems,
    })),
    unexpected: result.unexpected.map((event) => event.class),
    problems: [
      ...result.matches.flatMap(({ problems }) => problems),
      ...result.unexpected.map((e) => `unexpected ${e.class}`),
    ],
  };
}
