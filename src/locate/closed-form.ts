/** A pole's place (metres) and arrival (seconds on a common zero). */
export interface RangedPole {
  east: number;
  north: number;
  seconds: number;
}

/**
 * Start for the solver without iteration: Bancroft (IEEE Trans. AES 21, 1985) in two dimensions.
 * With b_i = (x_i, y_i, −c·t_i) and the Lorentz product ⟨a,b⟩ = a₁b₁ + a₂b₂ − a₃b₃, u = B⁺1 and v = B⁺a
 * (a_i = ½⟨b_i,b_i⟩), λ solves ⟨u,u⟩λ² + 2(⟨u,v⟩ − 1)λ + ⟨v,v⟩ = 0. Needs three poles that are not on a line.
 * Returns the real roots' places [east, north], the one with the smaller L1 time residual first; empty where the
 * geometry gives none. `soundSpeed` in m/s, still air.
 */
export function bancroft(poles: readonly RangedPole[], soundSpeed: number): Array<[number, number]> {
  const n = poles.length;
  if (n < 3) return [];
  let ex = 0;
  let ny = 0;
  let t = 0;
  for (const p of poles) {
    ex += p.east / n;
    ny += p.north / n;
    t += p.seconds / n;
  }
  const rows = poles.map((p) => [p.east - ex, p.north - ny, -soundSpeed * (p.seconds - t)] as const);
  const ata = new Array<number>(9).fill(0);
  const ones = [0, 0, 0];
  const halves = [0, 0, 0];
  for (const b of rows) {
    const half = (b[0] * b[0] + b[1] * b[1] - b[2] * b[2]) / 2;
    for (let i = 0; i < 3; i++) {
      ones[i] += b[i];
      halves[i] += b[i] * half;
      for (let k = 0; k < 3; k++) ata[i * 3 + k] += b[i] * b[k];
    }
  }
  const u = solve3(ata, ones);
  const v = solve3(ata, halves);
  if (!u || !v) return [];
  const lorentz = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] - a[2] * b[2];
  const qa = lorentz(u, u);
  const qb = 2 * (lorentz(u, v) - 1);
  const qc = lorentz(v, v);
  const found = roots(qa, qb, qc).map((lambda) => {
    // The arrival's sign convention makes the third coordinate c·t0 with b₃ = −c·t_i.
    const place: [number, number] = [v[0] + lambda * u[0], v[1] + lambda * u[1]];
    return { place, misfit: misfit(rows, place) };
  });
  found.sort((a, b) => a.misfit - b.misfit);
  return found
    .filter(({ place }) => Number.isFinite(place[0]) && Number.isFinite(place[1]))
    .map(({ place }) => [place[0] + ex, place[1] + ny]);
}

/** L1 of range residuals about their median, metres. */
function misfit(rows: ReadonlyArray<readonly [number, number, number]>, place: readonly number[]): number {
  const offsets = rows
    .map(([x, y, ct]) => -ct - Math.hypot(x - place[0], y - place[1]))
    .sort((a, b) => a - b);
  const middle = offsets[offsets.length >> 1];
  return offsets.reduce((sum, value) => sum + Math.abs(value - middle), 0);
}

function roots(a: number, b: number, c: number): number[] {
  if (Math.abs(a) < 1e-12) return Math.abs(b) < 1e-12 ? [] : [-c / b];
  // A negative discriminant is noise on a double root: its vertex is still the best start.
  const root = Math.sqrt(Math.max(b * b - 4 * a * c, 0));
  return [(-b - root) / (2 * a), (-b + root) / (2 * a)];
}

/** 3×3 by elimination with pivoting; undefined where singular. */
function solve3(a: readonly number[], b: readonly number[]): [number, number, number] | undefined {
  const m = [0, 1, 2].map((i) => [a[i * 3], a[i * 3 + 1], a[i * 3 + 2], b[i]]);
  const scale = Math.max(...a.map(Math.abs));
  for (let i = 0; i < 3; i++) {
    let pivot = i;
    for (let k = i + 1; k < 3; k++) if (Math.abs(m[k][i]) > Math.abs(m[pivot][i])) pivot = k;
    if (!(Math.abs(m[pivot][i]) > 1e-11 * scale)) return undefined;
    [m[i], m[pivot]] = [m[pivot], m[i]];
    for (let k = 0; k < 3; k++) {
      if (k === i) continue;
      const factor = m[k][i] / m[i][i];
      for (let j = i; j < 4; j++) m[k][j] -= factor * m[i][j];
    }
  }
  return [m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]];
}
