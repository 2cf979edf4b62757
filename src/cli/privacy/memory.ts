import { open, readFile } from 'node:fs/promises';

/** So long that even a street's quiet, a few steps of 16 bits, is found nowhere else. */
const PROBE_SAMPLES = 256;
const STEP_SAMPLES = 8_000;
const PIECE_BYTES = 32 * 1024 * 1024;

/**
 * Longest stretch of `sound` that lies in the process's memory as 32-bit floats, as rings hold it, in samples; undefined
 * where its memory cannot be read. `sound`: samples exactly as the service has them.
 */
export async function longestHeld(pid: number, sound: Float32Array): Promise<number | undefined> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '');
  const memory = await open(`/proc/${pid}/mem`, 'r').catch(() => undefined);
  if (!memory) return undefined;
  const probes: { at: number; bytes: Buffer }[] = [];
  for (let at = 0; at + PROBE_SAMPLES <= sound.length; at += STEP_SAMPLES) {
    const part = sound.slice(at, at + PROBE_SAMPLES);
    // Digital silence is found anywhere.
    if (new Set(part).size > 2) probes.push({ at, bytes: Buffer.from(part.buffer) });
  }
  let longest = 0;
  try {
    for (const line of maps.split('\n')) {
      const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (!range) continue;
      const end = BigInt(`0x${range[2]}`);
      for (let from = BigInt(`0x${range[1]}`); from < end; from += BigInt(PIECE_BYTES)) {
        const size = Number(end - from < BigInt(PIECE_BYTES) ? end - from : BigInt(PIECE_BYTES));
        const piece = Buffer.alloc(size);
        const got = await memory.read(piece, 0, size, Number(from)).catch(() => undefined);
        if (!got) continue;
        for (const { at, bytes } of probes) longest = Math.max(longest, held(piece, bytes, sound, at));
      }
    }
  } finally {
    await memory.close();
  }
  return longest;
}

/** How far the sound goes on, both ways, from where the probe lies in the piece. */
function held(piece: Buffer, probe: Buffer, sound: Float32Array, at: number): number {
  let longest = 0;
  for (let found = piece.indexOf(probe); found >= 0; found = piece.indexOf(probe, found + 4)) {
    const is = (k: number) => {
      const offset = found + (k - at) * 4;
      return (
        k >= 0 &&
        k < sound.length &&
        offset >= 0 &&
        offset + 4 <= piece.length &&
        piece.readFloatLE(offset) === sound[k]
      );
    };
    let [from, to] = [at, at + PROBE_SAMPLES];
    while (is(from - 1)) from--;
    while (is(to)) to++;
    longest = Math.max(longest, to - from);
  }
  return longest;
}
