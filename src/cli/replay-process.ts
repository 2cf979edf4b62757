import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ClameurError, type ServiceConfig } from '../config/index.js';
import { UPLOAD_LIMITS, type ReplayReport, type RunReplay } from '../server/index.js';
import { listenOptions } from './live-site.js';
import type { ReplayAnswer, ReplayTask } from './replay-child.js';

const CHILD = fileURLToPath(new URL('./replay-child.js', import.meta.url));

/**
 * Replays uploads in a process each: a recording that breaks a decoder or eats memory ends that process, not the
 * service. Its sound comes over a pipe, lies on no disk, and goes with the process.
 */
export function replayInProcess(config: ServiceConfig): RunReplay {
  return (files, onProgress) =>
    new Promise<ReplayReport>((resolve, reject) => {
      const child = fork(CHILD, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        settle();
        child.kill('SIGKILL');
      };
      const fail = (problem: string): void =>
        end(() => reject(new ClameurError('REPLAY_FAILED', { problem })));
      const timer = setTimeout(
        () => fail(`it took more than ${UPLOAD_LIMITS.replaySeconds} s`),
        UPLOAD_LIMITS.replaySeconds * 1000,
      );
      child.on('message', (answer: ReplayAnswer) => {
        if (answer.kind === 'progress') onProgress(answer.progress);
        else if (answer.kind === 'report') end(() => resolve(answer.report));
        else end(() => reject(new ClameurError(answer.code, answer.values)));
      });
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code, signal) => fail(`its process ended with ${signal ?? code}`));
      const task: ReplayTask = {
        files,
        ...(config.model.path !== undefined && { modelPath: config.model.path }),
        listen: listenOptions(config),
        locate: { fireworksPerMinute: config.locate.fireworksPerMinute },
      };
      child.send(task, (error) => error && fail(error.message));
    });
}
