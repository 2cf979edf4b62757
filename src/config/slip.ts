import { distance } from './nearest.js';

/** Edits of a name that are still a slip of the pen. */
const MOST_EDITS = 2;
/** Shorter names are near too many others: only another way to write them is a slip. */
const SHORTEST = 8;

/**
 * The key of `properties` that was meant as `name` and is written otherwise. Unknown properties of a site are ignored, but
 * not one whose loss would have the service hear what it must not.
 */
export function slipOf(name: string, properties: object): string | undefined {
  return Object.keys(properties).find(
    (key) =>
      key !== name &&
      (plain(key) === plain(name) || (name.length >= SHORTEST && distance(key, name) <= MOST_EDITS)),
  );
}

/** Without case, joints and plural. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace(/s$/, '');
}
