import { createHash } from 'node:crypto';

/**
 * Highest random weight (Thaler & Ravishankar 1998): each process draws a number for a pole from both names, and the
 * highest has it. All who know the same processes agree without asking; when one goes, only its poles move.
 */
export function ownerOf(pole: string, processes: Iterable<string>): string | undefined {
  let owner: string | undefined;
  let highest = -1;
  for (const process of processes) {
    const weight = weightOf(pole, process);
    if (weight > highest || (weight === highest && process > owner!)) {
      highest = weight;
      owner = process;
    }
  }
  return owner;
}

/** 0 to 2^48 - 1, evenly. */
function weightOf(pole: string, process: string): number {
  return createHash('sha256').update(`${process}\n${pole}`).digest().readUIntBE(0, 6);
}
