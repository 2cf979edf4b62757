import { FOUNDER_METERS } from './hearing.js';
import type { Candidate, HearingPole, Scene } from './scene.js';
import { threePoles } from './closed-form.js';
import { Ballot } from './vote.js';

/** The founder's nearest poles with arrivals give the pairs. */
const PAIR_POLES = 7;
/** Of each, the arrivals that are likeliest direct sounds. */
const SEED_ARRIVALS = 3;
const MOST_SEEDS = 250;
const REFINED = 5;
const APART_METERS = 30;
const BASELINE_METERS = 40;

/** A pole that with another one and the founder fixes a place. */
interface PairPole {
  /** From the founder's pole, metres. */
  east: number;
  north: number;
  away: number;
  /** Its likeliest direct sounds, seconds after the founder. */
  direct: readonly number[];
}

const ballot = new Ballot();
/** Up to two places, [east, north] of the founder each. */
const meeting = new Float64Array(4);

/**
 * Places that may explain the founder: it and one arrival at each of two other poles fix a place in closed form; each
 * place is then put to the vote of all listening poles, weighed by how surely they should hear and how rarely they
 * would hit by chance. The best few that at least `fewest` poles bear out and that lie apart, best first, [east, north]
 * metres.
 */
export function seedPlaces(scene: Scene, fewest: number): Array<readonly [number, number]> {
  const { pole: origin } = scene.founder;
  const { soundSpeed } = scene.air;
  const near = scene.listening
    .filter(({ pole, arrivals }) => pole !== origin && arrivals.length > 0)
    .map((hearing) => pairPole(hearing, origin))
    .filter(({ away }) => away > BASELINE_METERS)
    .sort((a, b) => a.away - b.away)
    .slice(0, PAIR_POLES);
  ballot.open(scene);
  const ranked: Array<{ east: number; north: number; score: number }> = [];
  let tried = 0;
  // Nearest pairs first: where there are too many, the far ones are left out.
  for (let j = 1; j < near.length && tried < MOST_SEEDS; j++) {
    for (let i = 0; i < j; i++) {
      const [one, other] = [near[i], near[j]];
      if (Math.hypot(one.east - other.east, one.north - other.north) < BASELINE_METERS) continue;
      for (const ti of one.direct) {
        for (const tj of other.direct) {
          if (tried++ >= MOST_SEEDS) continue;
          const found = threePoles(
            one.east,
            one.north,
            ti * soundSpeed,
            other.east,
            other.north,
            tj * soundSpeed,
            meeting,
          );
          for (let k = 0; k < found; k++) {
            const east = meeting[2 * k];
            const north = meeting[2 * k + 1];
            if (east * east + north * north > FOUNDER_METERS * FOUNDER_METERS) continue;
            const score = ballot.vote(east, north, fewest);
            if (score > -Infinity)
              ranked.push({ east: origin.east + east, north: origin.north + north, score });
          }
        }
      }
    }
  }
  ranked.sort((a, b) => b.score - a.score);
  const places: Array<readonly [number, number]> = [];
  for (const { east, north } of ranked) {
    if (places.every((p) => Math.hypot(p[0] - east, p[1] - north) > APART_METERS)) places.push([east, north]);
    if (places.length === REFINED) break;
  }
  return places;
}

function pairPole({ pole, arrivals }: HearingPole, origin: { east: number; north: number }): PairPole {
  const east = pole.east - origin.east;
  const north = pole.north - origin.north;
  return { east, north, away: Math.hypot(east, north), direct: likeliest(arrivals) };
}

function likeliest(arrivals: readonly Candidate[]): number[] {
  if (arrivals.length <= SEED_ARRIVALS) return arrivals.map(({ seconds }) => seconds);
  return [...arrivals]
    .sort((a, b) => b.nats - a.nats || a.seconds - b.seconds)
    .slice(0, SEED_ARRIVALS)
    .map(({ seconds }) => seconds);
}
