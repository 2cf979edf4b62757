import { createHash } from 'node:crypto';

/**
 * The processes in the order in which a pole is theirs: the first hears it, the second stands by. Highest random weight
 * (Thaler & Ravishankar 1998): each process draws a number for a pole from both names. All who know the same processes
 * agree without asking; when one goes, only its poles move, each to the second of its order.
 */
export function ranked(pole: string, processes: Iterable<string>): string[] {
  return [...processes]
    .map((process) => ({ process, weight: weightOf(pole, process) }))
    .sort((a, b) => b.weight - a.weight || (a.process < b.process ? 1 : -1))
    .map(({ process }) => process);
}

/** 0 to 2^48 - 1, evenly. */
function weightOf(pole: string, process: string): number {
  return createHash('sha256').update(`${process}\n${pole}`).digest().readUIntBE(0, 6);
}
