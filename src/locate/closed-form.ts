/**
 * Where three poles' arrivals meet, in closed form (B. T. Fang, IEEE Trans. AES 26, 1990). The first pole is the
 * origin: metres of the other two from it, and how much later they heard, times the speed of sound, in metres.
 * With s the source and d its distance from the origin, |p_i − s| = d + Δ_i gives p_i·s = (|p_i|² − Δ_i²)/2 − Δ_i·d:
 * two lines in d, s = a + b·d, put into |s| = d. Writes up to two places, each east and north of the first pole, into
 * `out` (4 values) and returns how many; none where the poles lie on a line or the times fit no place. Still air.
 */
export function threePoles(
  east1: number,
  north1: number,
  later1: number,
  east2: number,
  north2: number,
  later2: number,
  out: Float64Array,
): number {
  const determinant = east1 * north2 - east2 * north1;
  const squared1 = east1 * east1 + north1 * north1;
  const squared2 = east2 * east2 + north2 * north2;
  // A degree and a half off a line: nothing to fix a place with.
  if (!(Math.abs(determinant) > 0.025 * Math.sqrt(squared1 * squared2))) return 0;
  const half1 = (squared1 - later1 * later1) / 2;
  const half2 = (squared2 - later2 * later2) / 2;
  const ax = (half1 * north2 - half2 * north1) / determinant;
  const ay = (east1 * half2 - east2 * half1) / determinant;
  const bx = (-later1 * north2 + later2 * north1) / determinant;
  const by = (-east1 * later2 + east2 * later1) / determinant;
  const qa = bx * bx + by * by - 1;
  const qb = 2 * (ax * bx + ay * by);
  const qc = ax * ax + ay * ay;
  let found = 0;
  const add = (d: number): void => {
    if (!(d >= 0 && d + later1 >= 0 && d + later2 >= 0)) return;
    out[2 * found] = ax + bx * d;
    out[2 * found + 1] = ay + by * d;
    found++;
  };
  if (Math.abs(qa) < 1e-9) {
    if (Math.abs(qb) >= 1e-9) add(-qc / qb);
    return found;
  }
  const discriminant = qb * qb - 4 * qa * qc;
  // Slightly below zero is noise on a double root: its vertex is still a start.
  if (discriminant < -0.1 * qb * qb) return 0;
  const root = Math.sqrt(Math.max(discriminant, 0));
  add((-qb - root) / (2 * qa));
  add((-qb + root) / (2 * qa));
  return found;
}
