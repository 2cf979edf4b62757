import { open, readFile } from 'node:fs/promises';

/** So long that even a street's quiet, a few steps of 16 bits, is found nowhere else. */
const PROBE_SAMPLES = 256;
const STEP_SAMPLES = 2_000;
const PIECE_BYTES = 32 * 1024 * 1024;

/** A stretch of the sound, and the sample of it that memory is searched for: its loudest, the least usual number. */
interface Probe {
  sound: Int32Array;
  at: number;
  anchor: number;
}

/**
 * Longest stretch of any of the sounds that lies in the process's memory as 32-bit floats, as rings hold it, in samples;
 * undefined where its memory cannot be read. `sounds`: samples exactly as the service has them.
 */
export async function longestHeld(pid: number, sounds: readonly Float32Array[]): Promise<number | undefined> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '');
  const memory = await open(`/proc/${pid}/mem`, 'r').catch(() => undefined);
  if (!memory) return undefined;
  const probes = new Probes(sounds);
  const piece = Buffer.from(new ArrayBuffer(PIECE_BYTES));
  let longest = 0;
  try {
    for (const line of maps.split('\n')) {
      const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (!range) continue;
      const end = BigInt(`0x${range[2]}`);
      for (let from = BigInt(`0x${range[1]}`); from < end; from += BigInt(PIECE_BYTES)) {
        const size = Number(end - from < BigInt(PIECE_BYTES) ? end - from : BigInt(PIECE_BYTES));
        const got = await memory.read(piece, 0, size, Number(from)).catch(() => undefined);
        if (!got) continue;
        const words = new Int32Array(piece.buffer, 0, got.bytesRead >> 2);
        longest = Math.max(longest, probes.longestIn(words));
      }
    }
  } finally {
    await memory.close();
  }
  return longest;
}

/** All probes are looked for in one pass: a word of memory that is no anchor costs one look at a small table. */
class Probes {
  readonly #probes = new Map<number, Probe[]>();
  readonly #maybe = new Uint8Array(1 << 16);

  constructor(sounds: readonly Float32Array[]) {
    for (const samples of sounds) {
      // No sample of 16 bits is -0, whose bits are not those of 0.
      const own = samples.map((x) => x + 0);
      const sound = new Int32Array(own.buffer);
      for (let at = 0; at + PROBE_SAMPLES <= own.length; at += STEP_SAMPLES) {
        const part = own.subarray(at, at + PROBE_SAMPLES);
        // Digital silence is found anywhere.
        if (new Set(part).size <= 2) continue;
        const anchor = part.reduce((best, x, i) => (Math.abs(x) > Math.abs(part[best]) ? i : best), 0);
        const word = sound[at + anchor];
        this.#probes.set(word, [...(this.#probes.get(word) ?? []), { sound, at, anchor }]);
        this.#maybe[slot(word)] = 1;
      }
    }
  }

  longestIn(memory: Int32Array): number {
    let longest = 0;
    for (let i = 0; i < memory.length; i++) {
      if (this.#maybe[slot(memory[i])] === 0) continue;
      for (const probe of this.#probes.get(memory[i]) ?? [])
        longest = Math.max(longest, held(memory, i - probe.anchor, probe));
    }
    return longest;
  }
}

function slot(word: number): number {
  return (word ^ (word >>> 16)) & 0xffff;
}

/** How far the sound goes on, both ways, where the whole probe lies at `from`; else 0. */
function held(memory: Int32Array, from: number, { sound, at }: Probe): number {
  const shift = from - at;
  const is = (k: number) =>
    k >= 0 &&
    k < sound.length &&
    k + shift >= 0 &&
    k + shift < memory.length &&
    memory[k + shift] === sound[k];
  for (let k = at; k < at + PROBE_SAMPLES; k++) if (!is(k)) return 0;
  let [first, end] = [at, at + PROBE_SAMPLES];
  while (is(first - 1)) first--;
  while (is(end)) end++;
  return end - first;
}
