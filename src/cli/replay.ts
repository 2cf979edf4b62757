import { Command, InvalidArgumentError } from 'commander';
import { SingleBar } from 'cli-progress';
import { readScene } from '../feeds/index.js';
import { loadModel, startClassifier, type Detection } from '../listen/index.js';
import { checkIncidents } from './check.js';
import { printJson, reportError } from './output.js';
import { publishReplay } from './publish-replay.js';
import { renderCheck, renderDetections, renderEvents } from './render.js';
import { scenesOf, summaryLines, writeReport } from './replay-report.js';
import { lastRevisions, runScene, type SceneRun } from './run-scene.js';

interface ReplayFlags {
  site?: string;
  json?: boolean;
  speed: number | 'max';
  publish?: string;
  check?: boolean;
  report?: string;
  model?: string;
}

/** `clameur replay`: a recording or a scene through the same path as live sound. */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Plays a recording or a scene folder through the service and says what was heard, where and why.',
    )
    .argument('<recording|scene>', 'an audio file (WAV, FLAC, Ogg, MP3) or a folder with scene.json')
    .option('--site <file>', 'site.geojson to use instead of the scene’s own')
    .option('--json', 'one CloudEvent a line on standard output, and nothing else there')
    .option('--speed <times|max>', 'how fast the sound is played: 1 is real time', parseSpeed, 'max')
    .option('--publish <url>', 'also publish the events to this NATS server')
    .option('--check', 'compare with the scene’s truth; exit 1 where it differs')
    .option(
      '--report <file>',
      'write an HTML file that shows it: spectrograms, scores, map, reasons; also for a folder of scenes',
    )
    .option('--model <file>', 'model sidecar (.json) to use instead of the one in models/')
    .addHelpText('after', '\nExample: clameur replay fixtures/positive/three-shots --check')
    .action(replay);
}

export function parseSpeed(text: string): number | 'max' {
  const speed = Number(text);
  if (text === 'max') return 'max';
  if (!(speed > 0 && speed <= 1000)) throw new InvalidArgumentError('give a number from 0 to 1000, or max');
  return speed;
}

async function replay(path: string, flags: ReplayFlags): Promise<void> {
  if (flags.report !== undefined) return report(path, flags.report, flags);
  const scene = await readScene(path, { ...(flags.site !== undefined && { site: flags.site }) });
  const model = await loadModel(flags.model);
  const classifier = await startClassifier(model);
  const bar =
    process.stderr.isTTY && !flags.json
      ? new SingleBar({
          format: 'playing {bar} {value}/{total} s',
          stream: process.stderr,
          clearOnComplete: true,
        })
      : undefined;
  const detections: Detection[] = [];
  let run: SceneRun;
  try {
    bar?.start(1, 0);
    run = await runScene(scene, classifier, {
      speed: flags.speed,
      model,
      onDetection: (detection) => detections.push(detection),
      onEvent: (event) => flags.json && printJson(event),
      onProgress: (done, total) => {
        bar?.setTotal(Math.ceil(total));
        bar?.update(Math.floor(done));
      },
    });
  } finally {
    bar?.stop();
    await classifier.close();
  }
  const { events, failures } = run;
  for (const failure of failures) process.exitCode = reportError(failure);
  if (flags.publish !== undefined) await publishReplay(flags.publish, scene.site.site, events);
  const last = lastRevisions(events);
  if (!flags.json) process.stdout.write(`${renderDetections(detections)}${renderEvents(last)}`);
  if (flags.check) {
    const result = checkIncidents(
      scene.truth,
      last.map(({ data }) => data),
    );
    (flags.json ? process.stderr : process.stdout).write(renderCheck(result));
    if (!result.ok) process.exitCode = 1;
  }
}

/** The file tells more than a terminal can; what stands here is one line a scene. */
async function report(path: string, file: string, flags: ReplayFlags): Promise<void> {
  const onUnreadable = (error: unknown) => void (process.exitCode = reportError(error));
  const scenes = await scenesOf(
    path,
    { ...(flags.site !== undefined && { site: flags.site }) },
    onUnreadable,
  );
  const model = await loadModel(flags.model);
  const classifier = await startClassifier(model);
  try {
    const onScene = (name: string, index: number) => {
      if (process.stderr.isTTY) process.stderr.write(`${index + 1}/${scenes.length} ${name}\n`);
    };
    const reports = await writeReport(scenes, file, classifier, { model, onScene, onUnreadable });
    for (const { events } of flags.json ? reports : []) for (const { event } of events) printJson(event);
    (flags.json ? process.stderr : process.stdout).write(`${summaryLines(reports)}The report: ${file}\n`);
    if (flags.check && reports.some(({ check }) => check && !check.ok)) process.exitCode = 1;
  } finally {
    await classifier.close();
  }
}
