import type { HeardArrival } from './arrival-store.js';

/** Nearer in time than this, two arrivals at a pole are the same sound bent by other edges. */
const SAME_SECONDS = 0.02;
/** Echoes of a town are heard so long after the direct sound. */
const ECHOES_SECONDS = 1.5;
const LATER_NATS = 1.5;
const STRENGTH_DB_PER_NAT = 6;
const MOST_NATS = 4;
/** So much of a place's likelihood must be left when all is counted that speaks for an echo of a known shot. */
const LEFT_NATS = 6;

interface Explained {
  members: readonly HeardArrival[];
  likelihood: number;
}

/**
 * Of two places that explain a blast, the better one. Echoes of one street can agree on a place as well as the direct
 * sounds do, but the direct sound comes first: where the other place explains an earlier arrival at a pole, and one not
 * much weaker, that speaks against this one.
 */
export function explainsBetter(one: Explained, other: Explained): boolean {
  return one.likelihood - latenessNats(one, other) > other.likelihood - latenessNats(other, one);
}

/**
 * Does a place that was found in the shadow of known shots explain more than their echoes? Mirrored in a façade, or by
 * chance among many echoes, these agree on a place too; but each is later and weaker than the direct sound at its pole.
 */
export function isMoreThanEcho(found: Explained, known: readonly Explained[]): boolean {
  return known.every((shot) => found.likelihood - latenessNats(found, shot) >= LEFT_NATS);
}

function latenessNats(late: Explained, early: Explained): number {
  const first = new Map(early.members.map((heard) => [heard.pole.index, heard]));
  let nats = 0;
  for (const heard of late.members) {
    const before = first.get(heard.pole.index);
    if (!before) continue;
    const seconds = Number(heard.timeNanos - before.timeNanos) / 1e9;
    if (seconds < SAME_SECONDS || seconds > ECHOES_SECONDS) continue;
    const stronger = before.arrival.strengthDb - heard.arrival.strengthDb;
    nats += Math.min(MOST_NATS, Math.max(0, LATER_NATS + stronger / STRENGTH_DB_PER_NAT));
  }
  return nats;
}
