import type { Incident } from './incident.js';
import { distanceMeters } from './distance.js';

const CONFIDENCE_STEP = 0.05;
const LEVEL_STEP_DB = 3;

/** Did something change that an operator should know? Small betterments wait for the next one. */
export function isMaterial(before: Incident, after: Incident): boolean {
  if (before.method !== after.method) return true;
  if (before.shots?.count !== after.shots?.count) return true;
  if (before.polesHeard !== after.polesHeard) return true;
  if (Math.abs(before.confidence - after.confidence) > CONFIDENCE_STEP) return true;
  if ((before.location === undefined) !== (after.location === undefined)) return true;
  if (before.location && after.location && after.accuracy) {
    const moved = distanceMeters(before.location, after.location);
    if (moved > Math.max(1, 0.1 * after.accuracy.semiMajorMeters)) return true;
  }
  if (after.class === 'crowd_clamour' && Math.abs(before.levelDb - after.levelDb) >= LEVEL_STEP_DB)
    return true;
  return false;
}
