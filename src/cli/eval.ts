import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { ClameurError } from '../config/index.js';
import { readScene } from '../feeds/index.js';
import { loadModel, startClassifier } from '../listen/index.js';
import { checkIncidents, type CheckResult } from './check.js';
import { insideEllipse, summarise, type SceneScore } from './eval-summary.js';
import { printJson } from './output.js';
import { lastRevisions, runScene } from './run-scene.js';

interface EvalFlags {
  json?: boolean;
  model?: string;
}

/** `clameur eval`: the whole pipeline on folders of scenes with truth, as figures. */
export function evalCommand(): Command {
  return new Command('eval')
    .description(
      'Replays scenes that have a truth and measures what was found, missed, wrong, and how far off.',
    )
    .argument('<folder...>', 'scene folders, or folders of scene folders')
    .option('--json', 'one JSON value a scene; the last line holds the totals')
    .option('--model <file>', 'model sidecar (.json) to use instead of the one in models/')
    .addHelpText('after', '\nExample: clameur eval fixtures/positive fixtures/negative')
    .action(evaluate);
}

async function evaluate(folders: string[], flags: EvalFlags): Promise<void> {
  const paths = folders.flatMap(scenesIn);
  const model = await loadModel(flags.model);
  const classifier = await startClassifier(model);
  const scores: SceneScore[] = [];
  try {
    for (const path of paths) {
      const scene = await readScene(path);
      const { events, failures } = await runScene(scene, classifier, { speed: 'max', model });
      for (const failure of failures) process.stderr.write(`clameur: ${failure.message}\n`);
      const score = scoreOf(
        path,
        checkIncidents(
          scene.truth,
          lastRevisions(events).map(({ data }) => data),
        ),
      );
      scores.push(score);
      if (flags.json) printJson(score);
      else
        process.stderr.write(
          `${scores.length}/${paths.length} ${score.scene}: ${score.ok ? 'ok' : score.problems.join('; ')}\n`,
        );
    }
  } finally {
    await classifier.close();
  }
  const totals = summarise(scores);
  if (flags.json) return printJson({ totals });
  const table = new Table({ head: ['figure', 'value'], style: { head: [], border: [] } });
  for (const [name, value] of Object.entries(totals)) table.push([name, String(value)]);
  process.stdout.write(`${table.toString()}\n`);
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
