import { encodeFrame } from '../audio/index.js';
import { MICROPHONE_UNCERTAINTY_SECONDS, openMicrophone } from '../feeds/index.js';
import type { NatsConnection } from 'nats';
import { utcNow } from './stage-clock.js';

/** Sends this computer's microphone as a pole's frames until `signal`; gives the seconds that were sent. */
export async function sendMicrophone(
  connection: NatsConnection,
  subject: string,
  signal: AbortSignal,
): Promise<number> {
  let sequence = 0;
  let seconds = 0;
  const microphone = await openMicrophone(({ samples, sampleRateHz, startNanos }) => {
    connection.publish(
      subject,
      encodeFrame({
        encoding: 'int16',
        sampleRateHz,
        sequence: sequence++,
        startNanos,
        clockUncertaintySeconds: MICROPHONE_UNCERTAINTY_SECONDS,
        channels: [samples],
      }),
    );
    samples.fill(0);
    seconds += samples.length / sampleRateHz;
  }, utcNow);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  microphone.stop();
  return seconds;
}
