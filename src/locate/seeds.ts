import { chanceRate, type Candidate, type Scene } from './scene.js';
import { FOUNDER_METERS, hearingProbability, HEARING_METERS } from './hearing.js';
import { travelSeconds } from './travel-time.js';
import { threePoles } from './closed-form.js';

/** The founder's nearest poles with arrivals give the pairs. */
const PAIR_POLES = 7;
/** Of each, the arrivals that are likeliest direct sounds. */
const SEED_ARRIVALS = 3;
const MOST_SEEDS = 250;
const VOTE_GATE_SECONDS = 0.08;
const REFINED = 5;
const APART_METERS = 30;
const BASELINE_METERS = 40;
/** The reach that the vote supposes. */
const CARRIES_METERS = 700;
const HEARING_STEP_METERS = 10;

/** The chance of hearing over distance in steps: asked for thousands of times. */
const HEARS = Float64Array.from({ length: Math.ceil((3 * HEARING_METERS) / HEARING_STEP_METERS) }, (_, i) =>
  hearingProbability((i + 0.5) * HEARING_STEP_METERS, CARRIES_METERS),
);
const MISSES = HEARS.map((hears) => Math.log1p(-hears));

interface VotingPole {
  east: number;
  north: number;
  /** Candidates' seconds after the founder, ascending; empty where there are none. */
  seconds: readonly number[];
  /** Of those, the likeliest direct sounds. */
  direct: readonly number[];
  /** Gain of a hit by distance step. */
  hits: Float64Array | undefined;
}

/**
 * Places that may explain the founder: it and one arrival at each of two other poles fix a place in closed form; each
 * place is then put to the vote of all listening poles, weighed by how surely they should hear and how rarely they
 * would hit by chance. The best few that at least `fewest` poles bear out and that lie apart, best first, [east, north]
 * metres.
 */
export function seedPlaces(scene: Scene, fewest: number): Array<readonly [number, number]> {
  const { founder, listening, nowSeconds, air } = scene;
  const poles: VotingPole[] = listening
    .filter(({ pole }) => pole.index !== founder.pole.index)
    .map(({ pole: { east, north }, arrivals }) => {
      const seconds = arrivals.map((candidate) => candidate.seconds);
      const direct = likeliest(arrivals);
      return {
        east,
        north,
        seconds,
        direct,
        hits: seconds.length > 0 ? hitTable(seconds.length) : undefined,
      };
    });
  const origin = founder.pole;
  const away = (p: VotingPole) => Math.hypot(p.east - origin.east, p.north - origin.north);
  const near = poles
    .filter((p) => p.seconds.length > 0 && away(p) > BASELINE_METERS)
    .sort((a, b) => away(a) - away(b))
    .slice(0, PAIR_POLES);
  const ranked: Array<{ place: readonly [number, number]; score: number }> = [];
  let tried = 0;
  // Nearest pairs first: where there are too many, the far ones are left out.
  for (let j = 1; j < near.length; j++) {
    for (let i = 0; i < j; i++) {
      if (Math.hypot(near[i].east - near[j].east, near[i].north - near[j].north) < BASELINE_METERS) continue;
      for (const ti of near[i].direct) {
        for (const tj of near[j].direct) {
          if (tried++ >= MOST_SEEDS) continue;
          const found = threePoles(
            near[i].east - origin.east,
            near[i].north - origin.north,
            ti * air.soundSpeed,
            near[j].east - origin.east,
            near[j].north - origin.north,
            tj * air.soundSpeed,
          );
          for (const [e, n] of found) {
            if (Math.hypot(e, n) > FOUNDER_METERS) continue;
            const place = [origin.east + e, origin.north + n] as const;
            const score = vote(place);
            if (score > -Infinity) ranked.push({ place, score });
          }
        }
      }
    }
  }
  ranked.sort((a, b) => b.score - a.score);
  const places: Array<readonly [number, number]> = [];
  for (const { place } of ranked) {
    if (places.every((p) => Math.hypot(p[0] - place[0], p[1] - place[1]) > APART_METERS)) places.push(place);
    if (places.length === REFINED) break;
  }
  return places;

  function vote([east, north]: readonly [number, number]): number {
    const { soundSpeed: c, windEast: wx, windNorth: wy } = air;
    const emission = -travelSeconds(origin.east - east, origin.north - north, c, wx, wy);
    const calm = c * c - wx * wx - wy * wy;
    let score = 0;
    let hitters = 1;
    for (const { east: e, north: n, seconds, hits } of poles) {
      const dx = e - east;
      const dy = n - north;
      // Written out: this line is most of what an incident costs.
      const squared = dx * dx + dy * dy;
      const along = wx * dx + wy * dy;
      const at = emission + (Math.sqrt(along * along + calm * squared) - along) / calm;
      if (at > nowSeconds) continue;
      const step = Math.min(Math.floor(Math.sqrt(squared) / HEARING_STEP_METERS), HEARS.length - 1);
      let hit = false;
      for (const t of seconds) {
        if (t < at - VOTE_GATE_SECONDS) continue;
        hit = t <= at + VOTE_GATE_SECONDS;
        break;
      }
      if (hit && hits) {
        score += hits[step];
        hitters++;
      } else score += MISSES[step];
    }
    return hitters < fewest ? -Infinity : score;
  }
}

function likeliest(arrivals: readonly Candidate[]): number[] {
  if (arrivals.length <= SEED_ARRIVALS) return arrivals.map(({ seconds }) => seconds);
  return [...arrivals]
    .sort((a, b) => b.nats - a.nats || a.seconds - b.seconds)
    .slice(0, SEED_ARRIVALS)
    .map(({ seconds }) => seconds);
}

const tables = new Map<number, Float64Array>();

/** Log likelihood ratio of a hit by distance, for a pole with so many arrivals in the window. */
function hitTable(count: number): Float64Array {
  let table = tables.get(count);
  if (!table) {
    const chance = 1 - Math.exp(-chanceRate(count) * 2 * VOTE_GATE_SECONDS);
    table = HEARS.map((hears) => Math.log((hears + (1 - hears) * chance) / chance));
    tables.set(count, table);
  }
  return table;
}
