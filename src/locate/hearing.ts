/** Poles farther than this from a source are not asked about it. */
export const HEARING_METERS = 1500;
/** A source is sought within this distance of a pole that heard it strongly. */
export const FOUNDER_METERS = 900;

/** How far a blast carries differs with the gun, the streets and the wind; the best of these explains an incident. */
export const CARRIES_METERS = [250, 500, 900] as const;
/** Even close by, a pole may be masked or blocked. */
const HEARS_AT_BEST = 0.92;

/** Chance (0 to 1) that a pole `meters` away reports the onset of a blast that carries `carries` metres. */
export function hearingProbability(meters: number, carries: number): number {
  return hearingProbabilityOfSquared(meters * meters, carries);
}

/** The same of the square of the distance, m². */
export function hearingProbabilityOfSquared(squared: number, carries: number): number {
  const x = squared / (carries * carries);
  return HEARS_AT_BEST / (1 + x * x);
}
