import { gccPhat } from './gcc-phat.js';

/** [east, north, up] metres from the pole. */
export type Offset = readonly [number, number, number];

export interface Bearing {
  /** Where the sound came from, clockwise from north, 0 to 360. */
  degrees: number;
  /** 1σ. */
  uncertaintyDegrees: number;
}

const SOUND_SPEED = 343;
/** Horizontal slowness times the speed of sound: 1 for a wave along the ground, less from above, ±4 % for temperature. */
const LEAST_SLOWNESS = 0.6;
const MOST_SLOWNESS = 1.2;
/** Peaks lower than this are chance. */
const LEAST_COHERENCE = 0.15;
/** 1σ of a delay, at best: interpolation, and microphones that are not quite alike. */
const DELAY_SAMPLES = 0.1;
/** Microphones are placed to a centimetre or two, and the ground bends the wave. */
const LEAST_DEGREES = 2;
const MOST_DEGREES = 30;
/** Arrays whose narrow side is below this part of the long one see a line: left and right look alike. */
const LINE_RATIO = 0.1;

/**
 * Direction of arrival of a plane wave at one pole: delays of all pairs of microphones by GCC-PHAT, then least squares for
 * the horizontal slowness s in (m_j − m_i)·s = −τ_ij; the bearing points along s. σ of the bearing comes from the fit's
 * residuals (at least a tenth of a sample) through the array's geometry.
 *
 * `channels`: the same stretch of each microphone, from just before an onset to 20 to 40 ms after, at `rateHz`.
 * Two microphones, or several in a line, cannot tell left from right: they give a bearing only for sound from along the
 * line, with half the angle between its two readings in the uncertainty. Undefined where there is no honest answer.
 */
export function measureBearing(
  channels: readonly Float32Array[],
  offsets: readonly Offset[],
  rateHz: number,
): Bearing | undefined {
  const count = Math.min(channels.length, offsets.length);
  const rows: { east: number; north: number; delay: number }[] = [];
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const east = offsets[j][0] - offsets[i][0];
      const north = offsets[j][1] - offsets[i][1];
      const apart = Math.hypot(east, north, offsets[j][2] - offsets[i][2]);
      if (apart === 0) continue;
      const found = gccPhat(channels[i], channels[j], rateHz, (MOST_SLOWNESS * apart) / SOUND_SPEED);
      if (found && found.coherence >= LEAST_COHERENCE) rows.push({ east, north, delay: found.seconds });
    }
  }
  if (rows.length === 0) return undefined;
  const axes = principalAxes(rows);
  if (axes.minor < LINE_RATIO ** 2 * axes.major) return alongLine(rows, axes.east, axes.north, rateHz);
  return inPlane(rows, rateHz);
}

type Row = { east: number; north: number; delay: number };

function inPlane(rows: readonly Row[], rateHz: number): Bearing | undefined {
  let [ee, en, nn, et, nt] = [0, 0, 0, 0, 0];
  for (const { east, north, delay } of rows) {
    ee += east * east;
    en += east * north;
    nn += north * north;
    et -= east * delay;
    nt -= north * delay;
  }
  const determinant = ee * nn - en * en;
  const sEast = (nn * et - en * nt) / determinant;
  const sNorth = (ee * nt - en * et) / determinant;
  const slowness = Math.hypot(sEast, sNorth);
  if (!plausible(slowness)) return undefined;
  const squares = rows.reduce((sum, r) => sum + (r.east * sEast + r.north * sNorth + r.delay) ** 2, 0);
  const sigma = Math.hypot(DELAY_SAMPLES / rateHz, Math.sqrt(squares / Math.max(1, rows.length - 2)));
  // Variance across the direction of s: tᵀ·(AᵀA)⁻¹·t for the unit vector t at right angles to s.
  const tEast = -sNorth / slowness;
  const tNorth = sEast / slowness;
  const across = (tEast * tEast * nn - 2 * tEast * tNorth * en + tNorth * tNorth * ee) / determinant;
  const own = toDegrees((sigma * Math.sqrt(across)) / slowness);
  return honest(sEast, sNorth, Math.hypot(own, LEAST_DEGREES));
}

function alongLine(rows: readonly Row[], east: number, north: number, rateHz: number): Bearing | undefined {
  let [square, product] = [0, 0];
  for (const row of rows) {
    const along = row.east * east + row.north * north;
    square += along * along;
    product -= along * row.delay;
  }
  const slowness = product / square;
  const margin = DELAY_SAMPLES / rateHz / Math.sqrt(square);
  if (Math.abs(slowness) > MOST_SLOWNESS / SOUND_SPEED) return undefined;
  const cosine = Math.min(1, Math.abs(slowness) * SOUND_SPEED);
  const least = Math.max(-1, Math.min(1, (Math.abs(slowness) - margin) * SOUND_SPEED));
  const half = toDegrees(Math.max(Math.acos(cosine), Math.acos(least)));
  const sign = Math.sign(slowness);
  return honest(sign * east, sign * north, Math.hypot(half, LEAST_DEGREES));
}

function honest(east: number, north: number, uncertaintyDegrees: number): Bearing | undefined {
  if (!(uncertaintyDegrees <= MOST_DEGREES)) return undefined;
  const degrees = (toDegrees(Math.atan2(east, north)) + 360) % 360;
  return { degrees, uncertaintyDegrees };
}

function plausible(slowness: number): boolean {
  const relative = slowness * SOUND_SPEED;
  return relative >= LEAST_SLOWNESS && relative <= MOST_SLOWNESS;
}

/** Direction of the array's long side, and the squared extents along and across it. */
function principalAxes(rows: readonly Row[]): { east: number; north: number; major: number; minor: number } {
  let [ee, en, nn] = [0, 0, 0];
  for (const { east, north } of rows) {
    ee += east * east;
    en += east * north;
    nn += north * north;
  }
  const angle = Math.atan2(2 * en, ee - nn) / 2;
  const spread = Math.hypot(ee - nn, 2 * en);
  return {
    east: Math.cos(angle),
    north: Math.sin(angle),
    major: (ee + nn + spread) / 2,
    minor: (ee + nn - spread) / 2,
  };
}

function toDegrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
