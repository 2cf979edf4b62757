/** dB a decade of distance that blasts lose in streets, and how far single poles stray from it (measured). */
const LOSS_PER_DECADE_DB = 15;
const STRAY_DB = 7;
/** What a pole reports anyway: its levels spread so far round their mean. */
const CHANCE_SPREAD_DB = 10;
const LEAST_NATS = -3.5;
const MOST_NATS = 3;

/** One arrival a pole: how loud it was and how far off its source is supposed, and what the pole hears anyway. */
export interface Levels {
  count: number;
  levelDb: Float64Array;
  meters: Float64Array;
  /** Mean level of what the pole reports anyway. */
  usualDb: Float64Array;
}

let atOneMeter = new Float64Array(64);

/**
 * Nats for "one blast, fading with distance" against "each pole's usual sounds", written into `nats`. The blast's own
 * level is taken as the median over the members, so one masked or deafened pole does not drag the others along.
 */
export function levelNats({ count, levelDb, meters, usualDb }: Levels, nats: Float64Array): void {
  if (count > atOneMeter.length) atOneMeter = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    // The loss on the way, kept until the source's level is known.
    nats[i] = LOSS_PER_DECADE_DB * Math.log10(Math.max(meters[i], 5));
    atOneMeter[i] = levelDb[i] + nats[i];
  }
  const sorted = atOneMeter.subarray(0, count).sort();
  const source = (sorted[(count - 1) >> 1] + sorted[count >> 1]) / 2;
  for (let i = 0; i < count; i++) {
    const off = (levelDb[i] - (source - nats[i])) / STRAY_DB;
    const usual = (levelDb[i] - usualDb[i]) / CHANCE_SPREAD_DB;
    const sum = Math.log(CHANCE_SPREAD_DB / STRAY_DB) - 0.5 * off * off + 0.5 * usual * usual;
    nats[i] = Math.min(Math.max(sum, LEAST_NATS), MOST_NATS);
  }
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
