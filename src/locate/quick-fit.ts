import type { Air } from './air.js';

/** Poles and arrivals as flat arrays: the search fits thousands of times. */
export interface QuickInput {
  count: number;
  east: Float64Array;
  north: Float64Array;
  seconds: Float64Array;
}

const STEPS = 5;
const LONGEST_STEP_METERS = 150;
/** Soft-L1 scale: wide, as wrong arrivals are still among them. */
const SCALE_SECONDS = 0.02;

/**
 * A few Gauss–Newton steps on (east, north, emission) in the air as given, equal weights, soft-L1 loss. Overwrites
 * `place` ([east, north, emission]); false where the geometry says nothing. For ranking places, never for an answer.
 */
export function quickFit(input: QuickInput, air: Air, place: Float64Array): boolean {
  const { soundSpeed: c, windEast: wx, windNorth: wy } = air;
  const calm = c * c - wx * wx - wy * wy;
  for (let step = 0; step < STEPS; step++) {
    let w = 0;
    let wa = 0;
    let wb = 0;
    let wr = 0;
    let aa = 0;
    let ab = 0;
    let bb = 0;
    let ar = 0;
    let br = 0;
    for (let i = 0; i < input.count; i++) {
      const dx = input.east[i] - place[0];
      const dy = input.north[i] - place[1];
      const along = wx * dx + wy * dy;
      const root = Math.sqrt(along * along + calm * Math.max(dx * dx + dy * dy, 0.01));
      const travel = (root - along) / calm;
      const a = -(dx - wx * travel) / root;
      const b = -(dy - wy * travel) / root;
      const r = input.seconds[i] - place[2] - travel;
      const weight = 1 / Math.sqrt(1 + (r / SCALE_SECONDS) ** 2);
      w += weight;
      wa += weight * a;
      wb += weight * b;
      wr += weight * r;
      aa += weight * a * a;
      ab += weight * a * b;
      bb += weight * b * b;
      ar += weight * a * r;
      br += weight * b * r;
    }
    const haa = aa - (wa * wa) / w;
    const hab = ab - (wa * wb) / w;
    const hbb = bb - (wb * wb) / w;
    const ga = ar - (wa * wr) / w;
    const gb = br - (wb * wr) / w;
    // A little damping keeps three poles in a row from throwing the place away.
    const damping = 1e-3 * (haa + hbb);
    const determinant = (haa + damping) * (hbb + damping) - hab * hab;
    if (!(determinant > 0)) return false;
    let de = ((hbb + damping) * ga - hab * gb) / determinant;
    let dn = ((haa + damping) * gb - hab * ga) / determinant;
    const length = Math.hypot(de, dn);
    if (length > LONGEST_STEP_METERS) {
      de *= LONGEST_STEP_METERS / length;
      dn *= LONGEST_STEP_METERS / length;
    }
    place[0] += de;
    place[1] += dn;
    place[2] += (wr - wa * de - wb * dn) / w;
    if (length < 1) break;
  }
  return Number.isFinite(place[0]) && Number.isFinite(place[1]);
}
