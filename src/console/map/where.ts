import { meters } from '../format.js';
import { t, type TextKey } from '../texts.js';
import { Plane, type LonLat } from './plane.js';

const NEAR_METERS = 15;
const TOWARDS: readonly TextKey[] = [
  'north',
  'northEast',
  'east',
  'southEast',
  'south',
  'southWest',
  'west',
  'northWest',
];

/** A place as people say it: how far from the nearest pole, and which way. Undefined without poles. */
export function whereIs(
  at: LonLat,
  poles: ReadonlyArray<{ pole: string; position: LonLat }>,
): string | undefined {
  const plane = new Plane([at]);
  let nearest: { pole: string; x: number; y: number; distance: number } | undefined;
  for (const { pole, position } of poles) {
    const [x, y] = plane.to(position);
    const distance = Math.hypot(x, y);
    if (!nearest || distance < nearest.distance) nearest = { pole, x, y, distance };
  }
  if (!nearest) return undefined;
  const { pole, x, y, distance } = nearest;
  if (distance < NEAR_METERS) return t('by', pole);
  // From the pole to the place; y points south.
  const clockwise = Math.atan2(-x, y);
  const way = TOWARDS[(Math.round(clockwise / (Math.PI / 4)) + 8) % 8];
  return `${meters(distance)} ${t(way, pole)}`;
}
