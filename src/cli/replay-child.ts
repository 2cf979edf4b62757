import { setPriority } from 'node:os';
import { ClameurError, type ErrorCode } from '../config/index.js';
import { openRecording, sceneOfFiles, type Scene } from '../feeds/index.js';
import { loadModel, startClassifier, type ListenOptions } from '../listen/index.js';
import type { LocateOptions } from '../locate/index.js';
import { UPLOAD_LIMITS, type ReplayProgress, type ReplayReport } from '../server/index.js';
import { reportScene } from './report-scene.js';

/** What the service sends to a process of its own that replays an upload, and what comes back. */
export interface ReplayTask {
  files: Map<string, Uint8Array>;
  modelPath?: string;
  listen: ListenOptions;
  locate: LocateOptions;
}
export type ReplayAnswer =
  | { kind: 'progress'; progress: ReplayProgress }
  | { kind: 'report'; report: ReplayReport }
  | { kind: 'error'; code: ErrorCode; values: Record<string, unknown> };

const COLUMNS = 1200;
const LOWER_PRIORITY = 5;
const WATCH_MILLIS = 100;
const PROGRESS_MILLIS = 150;

const send = (answer: ReplayAnswer): Promise<void> =>
  new Promise((resolve) => process.send!(answer, undefined, undefined, () => resolve()));

async function replay({ files, modelPath, listen, locate }: ReplayTask): Promise<ReplayReport> {
  const scene = sceneOfFiles(files);
  await checkLength(scene);
  const model = await loadModel(modelPath);
  const classifier = await startClassifier(model);
  let toldMillis = 0;
  try {
    return await reportScene(scene, classifier, {
      model,
      columns: COLUMNS,
      listen,
      locate,
      onProgress: (doneSeconds, totalSeconds) => {
        if (performance.now() - toldMillis < PROGRESS_MILLIS) return;
        toldMillis = performance.now();
        void send({ kind: 'progress', progress: { doneSeconds, totalSeconds } });
      },
    });
  } finally {
    await classifier.close();
  }
}

/** By the files' own heads; one that lies is stopped by its memory. */
async function checkLength(scene: Scene): Promise<void> {
  let seconds = 0;
  for (const { file, bytes } of scene.recordings)
    seconds += await openRecording(file, bytes).then(
      ({ durationSeconds }) => durationSeconds,
      // Told by the replay itself, and the other recordings are played.
      () => 0,
    );
  if (seconds > UPLOAD_LIMITS.soundSeconds)
    throw new ClameurError('UPLOAD_TOO_LARGE', {
      limit: `${UPLOAD_LIMITS.soundSeconds / 60} minutes of sound, all poles together (it has ${Math.round(seconds / 60)})`,
    });
}

function watchMemory(): void {
  setInterval(() => {
    if (process.memoryUsage.rss() < UPLOAD_LIMITS.memoryBytes) return;
    const limit = `${UPLOAD_LIMITS.memoryBytes / 1024 ** 3} GB of memory once decoded`;
    void send({ kind: 'error', code: 'UPLOAD_TOO_LARGE', values: { limit } }).then(() => process.exit(1));
  }, WATCH_MILLIS).unref();
}

/** A message of the table as it is; its places are filled already. */
function answerOf(error: unknown): ReplayAnswer {
  if (error instanceof ClameurError) return { kind: 'error', code: error.code, values: { ...error.values } };
  return { kind: 'error', code: 'REPLAY_FAILED', values: { problem: (error as Error).message } };
}

process.once('message', (task: ReplayTask) => {
  // Live sound goes first.
  setPriority(LOWER_PRIORITY);
  watchMemory();
  replay(task)
    .then((report) => send({ kind: 'report', report }))
    .catch((error: unknown) => send(answerOf(error)))
    .finally(() => process.exit(0));
});
// The service is gone: nobody waits for this any more.
process.once('disconnect', () => process.exit(1));
