import type { HeardArrival } from './arrival-store.js';

/** dB a decade of distance that blasts lose in streets, and how far single poles stray from it (measured). */
const LOSS_PER_DECADE_DB = 15;
const STRAY_DB = 7;
/** What a pole reports anyway: its levels spread so far round their mean. */
const CHANCE_SPREAD_DB = 10;
const LEAST_NATS = -3.5;
const MOST_NATS = 3;

/** One member of a hypothesis: its distance from the place and the mean level of what its pole reports anyway. */
export interface LevelAtDistance {
  heard: HeardArrival;
  meters: number;
  usualLevelDb: number;
}

/**
 * Nats for "one blast, fading with distance" against "each pole's usual sounds", per member in order. The blast's own
 * level is taken as the median over the members, so one masked or deafened pole does not drag the others along.
 * Levels of poles with and without a known full scale are not comparable: then all are 0.
 */
export function levelNats(members: readonly LevelAtDistance[]): number[] {
  const calibrated = members.filter(({ heard }) => heard.pole.fullScaleDbSpl !== undefined).length;
  if (members.length < 3 || (calibrated > 0 && calibrated < members.length)) return members.map(() => 0);
  const atOneMeter = members
    .map(({ heard, meters }) => heard.arrival.levelDb + LOSS_PER_DECADE_DB * Math.log10(Math.max(meters, 5)))
    .sort((a, b) => a - b);
  const source = (atOneMeter[(members.length - 1) >> 1] + atOneMeter[members.length >> 1]) / 2;
  return members.map(({ heard, meters, usualLevelDb }) => {
    const off = heard.arrival.levelDb - (source - LOSS_PER_DECADE_DB * Math.log10(Math.max(meters, 5)));
    const usual = heard.arrival.levelDb - usualLevelDb;
    const nats =
      Math.log(CHANCE_SPREAD_DB / STRAY_DB) -
      0.5 * (off / STRAY_DB) ** 2 +
      0.5 * (usual / CHANCE_SPREAD_DB) ** 2;
    return Math.min(Math.max(nats, LEAST_NATS), MOST_NATS);
  });
}

// Onsets of direct blasts rise far above what came just before; echoes and noise seldom do (measured on live fire).
const DIRECT_STRENGTH_DB = 23;
const DIRECT_SPREAD_DB = 10;
const CHANCE_LEAST_DB = 6;
const CHANCE_DECAY_DB = 4;
const LEAST_STRENGTH_NATS = -1.5;
const MOST_STRENGTH_NATS = 3.5;

/** Nats for a direct sound against an echo or noise, from how far the onset rises (dB). */
export function strengthNats(strengthDb: number): number {
  const direct =
    -0.5 * ((strengthDb - DIRECT_STRENGTH_DB) / DIRECT_SPREAD_DB) ** 2 -
    Math.log(DIRECT_SPREAD_DB * Math.sqrt(2 * Math.PI));
  const chance = -Math.max(strengthDb - CHANCE_LEAST_DB, 0) / CHANCE_DECAY_DB - Math.log(CHANCE_DECAY_DB);
  // Beyond the usual strength there is no less reason to trust it.
  const nats = strengthDb > DIRECT_STRENGTH_DB ? MOST_STRENGTH_NATS : direct - chance;
  return Math.min(Math.max(nats, LEAST_STRENGTH_NATS), MOST_STRENGTH_NATS);
}
