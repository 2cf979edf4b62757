/** What a pole adds to locating a source: the direction from pole to source and the 1σ of its arrival time. */
export interface Sighting {
  /** Pole to source, metres. */
  east: number;
  north: number;
  sigmaSeconds: number;
}

/** Closer than this, directions mean nothing. */
const NEAREST_METERS = 1;

/**
 * Cramér–Rao bound on a source's place from arrival times with an unknown emission time, m², as [ee, en, nn]:
 * c²·(Σ w u uᵀ − (Σ w u)(Σ w u)ᵀ / Σ w)⁻¹ with unit vectors u and w = 1/σ². The same bound holds for time
 * differences. Undefined where the poles cannot tell (fewer than three, or all on one line through the source).
 */
export function placeCovariance(
  sightings: readonly Sighting[],
  soundSpeed: number,
): [number, number, number] | undefined {
  let w0 = 0;
  let we = 0;
  let wn = 0;
  let wee = 0;
  let wen = 0;
  let wnn = 0;
  for (const { east, north, sigmaSeconds } of sightings) {
    const meters = Math.max(NEAREST_METERS, Math.hypot(east, north));
    const u = east / meters;
    const v = north / meters;
    const w = 1 / (sigmaSeconds * sigmaSeconds);
    w0 += w;
    we += w * u;
    wn += w * v;
    wee += w * u * u;
    wen += w * u * v;
    wnn += w * v * v;
  }
  if (sightings.length < 3) return undefined;
  const ee = wee - (we * we) / w0;
  const en = wen - (we * wn) / w0;
  const nn = wnn - (wn * wn) / w0;
  const determinant = ee * nn - en * en;
  // Relative to the trace: rounding alone leaves some 1e-16 of it.
  if (determinant <= 1e-12 * (ee + nn) * (ee + nn)) return undefined;
  const c2 = soundSpeed * soundSpeed;
  return [(c2 * nn) / determinant, (-c2 * en) / determinant, (c2 * ee) / determinant];
}
