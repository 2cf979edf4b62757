import type { HeardArrival } from './arrival-store.js';
import { arrivalSigma } from './fit.js';
import { HEARING_METERS } from './hearing.js';
import type { ErrorEllipse } from './incident.js';
import type { Settings } from './options.js';
import type { Solution } from './solver.js';
import { travelSeconds } from './travel-time.js';
import { ellipseDistance, ellipseOf } from './uncertainty.js';

/**
 * A clock or a place that is wrong is wrong by up to so much: 100 m, or a stepped clock. By less than so many σ it moves
 * the place no more than the spread that the ellipse is drawn for.
 */
export const LARGEST_FAULT_SECONDS = 0.35;
const SMALLEST_FAULT_SIGMAS = 3;
/** χ² above that of the best place within which another one is as good: 2σ. */
const AS_GOOD = 4;
/** So well must the others agree for a fault of the one left out to be believed: χ² of 0, 1, 2 … times to spare, 99.9 %. */
const BELIEVED = [AS_GOOD, 10.8, 13.8, 16.3, 18.5, 20.5] as const;
const BELIEVED_MORE = 2;
/** With more poles than this a look at the residuals may be enough. */
const MANY = 7;
/** With fewer than this there is nothing to agree on. */
const FEWEST = 3;
/**
 * A square is not divided further once its fit can change by no more than so many σ from its middle to its corner: a
 * place that fits perfectly then makes the middle one as good.
 */
const FINEST_SIGMAS = 1.5;
/** … nor below so many metres from its middle to its side: no ellipse is told finer, and its middle stands for it. */
const FINEST_METERS = 3;

/** What reaches beyond the known by less than this is not looked for. */
const NEGLIGIBLE_METERS = 2;
const NEGLIGIBLE_SHARE = 0.1;
const DIRECTIONS = 16;
const COSINES = Float64Array.from({ length: DIRECTIONS }, (_, i) => Math.cos((2 * Math.PI * i) / DIRECTIONS));
const SINES = Float64Array.from({ length: DIRECTIONS }, (_, i) => Math.sin((2 * Math.PI * i) / DIRECTIONS));

/** Arrivals of one shot, and the fit to them. */
export interface Checked {
  members: readonly HeardArrival[];
  /** Of each member: may it be none of the blast's? */
  faint: readonly boolean[];
  solution: Solution;
  referenceNanos: bigint;
  settings: Settings;
}

/** Arrivals in flat arrays. */
interface Times {
  count: number;
  east: Float64Array;
  north: Float64Array;
  seconds: Float64Array;
  /** 1/σ². */
  weight: Float64Array;
  weights: number;
}

/**
 * Where else the source may have been: every place that all arrivals fit as well, and every place that all but one fit
 * were that one pole wrong (its clock, its position, or an echo taken for the direct sound); or were all that is
 * faint noise. Of those outside the solution's ellipse the outermost, [east, north] in metres from the
 * solution. As in the integrity monitoring of satellite
 * navigation: a fault that cannot be seen must lie within what is claimed.
 *
 * Method: branch and bound over a quadtree, outside first. A pole's travel time changes by no more than the way over the
 * speed of sound, so a square whose middle fits badly enough holds no good place; none is missed, as a search from starts
 * would. A square within what is known already is not looked at.
 */
export function otherPlaces(checked: Checked): Array<readonly [number, number]> {
  const { members, faint, solution, settings } = checked;
  const outline = new Outline(ellipseOf(solution.covariance, settings.ellipseFloorMeters));
  const suspects = members.length > MANY ? unheld(checked) : suppositions(faint);
  if (suspects.length > 0) search(flat(checked), suspects, members[0].pole, solution, outline);
  return outline.corners;
}

/**
 * Of many poles those that may be wrong by as much as a fault by what the others say; that so many others agree as well
 * on quite another place does not happen. Leave-one-out in closed form: without it, pole k would be off by r/(1 − h),
 * give or take σ·√(h/(1 − h)), where h is its leverage.
 */
function unheld({ members, solution, settings }: Checked): number[][] {
  const { air, east, north, covariance, residualSeconds } = solution;
  const [ee, en, nn] = covariance;
  const sigmas = members.map((heard) => arrivalSigma(heard, air, settings));
  const towards = members.map(({ pole }): [number, number] => {
    const away = Math.max(Math.hypot(pole.east - east, pole.north - north), 1) * air.soundSpeed;
    return [(east - pole.east) / away, (north - pole.north) / away];
  });
  const weights = sigmas.map((sigma) => sigma ** -2);
  const sum = weights.reduce((a, b) => a + b, 0);
  const mean = [0, 1].map((k) => towards.reduce((all, u, i) => all + weights[i] * u[k], 0) / sum);
  return members.flatMap((_, i) => {
    const [e, n] = [towards[i][0] - mean[0], towards[i][1] - mean[1]];
    const leverage = weights[i] * (1 / sum + ee * e * e + 2 * en * e * n + nn * n * n);
    if (!(leverage < 1)) return [[i]];
    const fault = Math.abs(residualSeconds[i]) / (1 - leverage);
    const unsure = sigmas[i] * Math.sqrt(leverage / (1 - leverage));
    return fault + Math.sqrt(AS_GOOD) * unsure < SMALLEST_FAULT_SIGMAS * sigmas[i] ? [] : [[i]];
  });
}

/** What is known of a shape round zero: how far it reaches in some directions, an ellipse at first. */
class Outline {
  /** The outermost place in each direction, where there is one beyond the ellipse. */
  readonly #outermost = new Map<number, readonly [number, number]>();
  readonly #reach: Float64Array;

  constructor(private readonly ellipse: ErrorEllipse) {
    const azimuth = (ellipse.azimuthDegrees * Math.PI) / 180;
    this.#reach = Float64Array.from(COSINES, (cos, i) => {
      const along = cos * Math.sin(azimuth) + SINES[i] * Math.cos(azimuth);
      const across = cos * Math.cos(azimuth) - SINES[i] * Math.sin(azimuth);
      return Math.hypot(along * ellipse.semiMajorMeters, across * ellipse.semiMinorMeters);
    });
  }

  get corners(): Array<readonly [number, number]> {
    return [...new Set(this.#outermost.values())];
  }

  /** Does anything within `radius` of the offset lie clearly outside? */
  isBeyond(east: number, north: number, radius: number): boolean {
    const slack = NEGLIGIBLE_METERS - radius;
    for (let i = 0; i < DIRECTIONS; i++)
      if (east * COSINES[i] + north * SINES[i] > (1 + NEGLIGIBLE_SHARE) * this.#reach[i] + slack) return true;
    return false;
  }

  add(east: number, north: number): void {
    if (ellipseDistance(this.ellipse, east, north) <= 1) return;
    for (let i = 0; i < DIRECTIONS; i++) {
      const reach = east * COSINES[i] + north * SINES[i];
      if (reach <= this.#reach[i]) continue;
      this.#reach[i] = reach;
      this.#outermost.set(i, [east, north]);
    }
  }
}

function flat({ members, solution, referenceNanos, settings }: Checked): Times {
  const weight = Float64Array.from(members, (heard) => arrivalSigma(heard, solution.air, settings) ** -2);
  return {
    count: members.length,
    east: Float64Array.from(members, ({ pole }) => pole.east),
    north: Float64Array.from(members, ({ pole }) => pole.north),
    seconds: Float64Array.from(members, ({ timeNanos }) => Number(timeNanos - referenceNanos) / 1e9),
    weight,
    weights: weight.reduce((a, b) => a + b, 0),
  };
}

/** χ² up to which `others` arrivals agree on a place. */
function believed(others: number): number {
  const spare = others - FEWEST;
  const last = BELIEVED.length - 1;
  return spare <= last ? BELIEVED[spare] : BELIEVED[last] + BELIEVED_MORE * (spare - last);
}

/** What may be wrong, as places in the list of members: nothing, any one, or all that is faint at once. */
function suppositions(faint: readonly boolean[]): number[][] {
  const noise = faint.flatMap((is, i) => (is ? [i] : []));
  const isMoreThanOne = noise.length > 1 && faint.length - noise.length >= FEWEST;
  return [[], ...faint.map((_, i) => [i]), ...(isMoreThanOne ? [noise] : [])];
}

function search(
  times: Times,
  suspects: readonly number[][],
  middle: { east: number; north: number },
  { air, east: east0, north: north0 }: Solution,
  outline: Outline,
): void {
  const { count, east, north, seconds, weight, weights } = times;
  const { soundSpeed: c, windEast, windNorth } = air;
  const slowest = c - Math.hypot(windEast, windNorth);
  const emissions = new Float64Array(count);
  // Of each supposition the χ² of its best place; all times together have one, however bad.
  const best = Float64Array.from(suspects, ({ length }) =>
    length === 0 ? Infinity : believed(count - length) - AS_GOOD,
  );
  // Middle and half a side of each; the solution itself first, for how good it is.
  const squares: number[] = [middle.east, middle.north, HEARING_METERS, east0, north0, 0];
  while (squares.length > 0) {
    const half = squares.pop()!;
    const y = squares.pop()!;
    const x = squares.pop()!;
    if (half > 0 && !outline.isBeyond(x - east0, y - north0, half * Math.SQRT2)) continue;
    const reach = (half * Math.SQRT2) / slowest;
    const slack = reach * Math.sqrt(weights);
    const isFinest = half > 0 && (slack <= FINEST_SIGMAS || half <= FINEST_METERS);
    let sum = 0;
    let power = 0;
    for (let i = 0; i < count; i++) {
      const emission = seconds[i] - travelSeconds(east[i] - x, north[i] - y, c, windEast, windNorth);
      emissions[i] = emission;
      sum += weight[i] * emission;
      power += weight[i] * emission * emission;
    }
    let alive = false;
    for (let k = 0; k < suspects.length; k++) {
      let left = weights;
      let leftSum = sum;
      let leftPower = power;
      const without = suspects[k];
      for (let j = 0; j < without.length; j++) {
        const i = without[j];
        const pull = weight[i] * emissions[i];
        left -= weight[i];
        leftSum -= pull;
        leftPower -= pull * emissions[i];
      }
      const mean = leftSum / left;
      const cost = Math.max(leftPower - mean * leftSum, 0);
      const limit = best[k] + AS_GOOD;
      if (cost > (slack + Math.sqrt(limit)) ** 2) continue;
      // A single wrong pole is wrong by an amount; noise is anywhere.
      const one = without.length === 1 ? without[0] : undefined;
      const fault = one === undefined ? 0 : Math.abs(emissions[one] - mean);
      if (fault - 2 * reach > LARGEST_FAULT_SECONDS) continue;
      if (fault <= LARGEST_FAULT_SECONDS && cost < best[k]) best[k] = cost;
      const least = one === undefined ? 0 : SMALLEST_FAULT_SIGMAS / Math.sqrt(weight[one]);
      if (fault + 2 * reach < least) continue;
      alive = true;
      if (isFinest && cost <= limit && fault <= LARGEST_FAULT_SECONDS && fault >= least)
        outline.add(x - east0, y - north0);
    }
    if (!alive || half === 0 || isFinest) continue;
    const quarter = half / 2;
    // The last one is looked at first.
    const out = [x < east0 ? -quarter : quarter, y < north0 ? -quarter : quarter];
    squares.push(x - out[0], y - out[1], quarter, x + out[0], y - out[1], quarter);
    squares.push(x - out[0], y + out[1], quarter, x + out[0], y + out[1], quarter);
  }
}
