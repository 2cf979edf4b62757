import type { NatsConnection } from 'nats';

/**
 * A pole's sender written from the format's table alone, with none of the project's code, so that a mistake that the
 * project's encoder and decoder share would show.
 */
export function plainFrame(fields: {
  startNanos: bigint;
  sequence: number;
  rateHz: number;
  samples: Int16Array;
  uncertaintyNanos?: number;
  channels?: number;
}): Buffer {
  const channels = fields.channels ?? 1;
  const frame = Buffer.alloc(32 + fields.samples.length * 2);
  frame.write('CLMR', 0, 'latin1');
  frame.writeUInt8(1, 4);
  frame.writeUInt8(1, 5);
  frame.writeUInt8(channels, 6);
  frame.writeUInt8(0, 7);
  frame.writeUInt32LE(fields.rateHz, 8);
  frame.writeUInt32LE(fields.sequence >>> 0, 12);
  frame.writeBigUInt64LE(fields.startNanos, 16);
  frame.writeUInt32LE(fields.uncertaintyNanos ?? 100_000, 24);
  frame.writeUInt32LE(fields.samples.length / channels, 28);
  fields.samples.forEach((sample, i) => frame.writeInt16LE(sample, 32 + 2 * i));
  return frame;
}

export interface PoleSound {
  pole: string;
  rateHz: number;
  startNanos: bigint;
  samples: Int16Array;
  uncertaintyNanos?: number;
}

/** Sends all poles' sound as 100 ms frames at real pace, beginning now; the times in the frames are the sound's own. */
export async function playPoles(
  nc: NatsConnection,
  site: string,
  poles: readonly PoleSound[],
  prefix = 'audio',
): Promise<void> {
  const begin = performance.now();
  const longest = Math.max(...poles.map(({ samples, rateHz }) => samples.length / rateHz));
  for (let tick = 0; tick * 0.1 < longest; tick++) {
    const wait = begin + (tick + 1) * 100 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    for (const { pole, rateHz, startNanos, samples, uncertaintyNanos } of poles) {
      const from = Math.round(tick * 0.1 * rateHz);
      const part = samples.subarray(from, Math.round((tick + 1) * 0.1 * rateHz));
      if (part.length === 0) continue;
      const frameStart = startNanos + (BigInt(from) * 1_000_000_000n) / BigInt(rateHz);
      nc.publish(
        `${prefix}.${site}.${pole}`,
        plainFrame({
          startNanos: frameStart,
          sequence: tick,
          rateHz,
          samples: part,
          ...(uncertaintyNanos !== undefined && { uncertaintyNanos }),
        }),
      );
    }
  }
  await nc.flush();
}
