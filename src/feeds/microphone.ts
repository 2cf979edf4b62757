import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { secondsToNanos, type Nanos } from '../audio/index.js';
import { ClameurError } from '../config/index.js';
import type { MicrophoneMessage } from './microphone-child.js';

/** A stretch of what the microphone hears, mono, in order and without holes. */
export interface MicrophoneSound {
  samples: Float32Array;
  sampleRateHz: number;
  /** UTC of samples[0]: when it came, less its own length. What the sound card held back is in the uncertainty. */
  startNanos: Nanos;
}

export interface Microphone {
  sampleRateHz: number;
  stop(): void;
}

/** A sound card hands over some 10 to 100 ms late, and nobody tells how late: heard, but hardly located with. */
export const MICROPHONE_UNCERTAINTY_SECONDS = 0.05;
const CHILD = fileURLToPath(new URL('./microphone-child.js', import.meta.url));

/**
 * Listens to this computer's default microphone through Web Audio; nothing comes out of its loudspeaker. Times follow the
 * count of samples, and the clock where that runs ahead of them. Throws MICROPHONE_UNAVAILABLE.
 */
export async function openMicrophone(
  onSound: (sound: MicrophoneSound) => void,
  nowNanos: () => Nanos,
): Promise<Microphone> {
  const child = fork(CHILD, [], { serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
  const unavailable = (problem: string) => new ClameurError('MICROPHONE_UNAVAILABLE', { problem });
  return new Promise((resolve, reject) => {
    const startOf = countedTimes(nowNanos);
    let rateHz = 0;
    child.on('message', (message: MicrophoneMessage) => {
      if (message.kind === 'error') {
        child.kill();
        reject(unavailable(message.problem));
      } else if (message.kind === 'open') {
        rateHz = message.sampleRateHz;
        resolve({ sampleRateHz: rateHz, stop: () => void child.kill() });
      } else if (rateHz > 0) {
        const { samples } = message;
        onSound({ samples, sampleRateHz: rateHz, startNanos: startOf(samples.length / rateHz) });
      }
    });
    child.once('error', ({ message }) => reject(unavailable(message)));
    child.once('exit', (code, signal) => reject(unavailable(`its process ended (${signal ?? code})`)));
  });
}

/** Start of each next stretch of so many seconds: by the count of samples, and anew where the clock says otherwise. */
function countedTimes(nowNanos: () => Nanos): (seconds: number) => Nanos {
  const tolerance = secondsToNanos(MICROPHONE_UNCERTAINTY_SECONDS) * 4n;
  let nextNanos: Nanos | undefined;
  return (seconds) => {
    const length = secondsToNanos(seconds);
    const byClock = nowNanos() - length;
    const counted = nextNanos ?? byClock;
    const apart = counted > byClock ? counted - byClock : byClock - counted;
    const startNanos = apart > tolerance ? byClock : counted;
    nextNanos = startNanos + length;
    return startNanos;
  };
}
