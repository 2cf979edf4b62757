import { Store, useStore } from '../store.js';
import type { Tiles } from '../types.js';
import type { Plane, View } from './plane.js';

export type { Tiles };

/** The street map that the service's configuration names (`http.tiles`). None: no other host is asked for anything. */
export const tileSource = new Store<Tiles | undefined>(undefined);

const TILE_PIXELS = 256;
const EQUATOR_METERS = 40_075_016.7;
/** A view has some forty; more would be a mistake of ours. */
const MOST_TILES = 120;

/** Web Mercator: the fraction of the way east from 180° W and south from 85.05° N. */
function fractionsOf([lon, lat]: readonly [number, number]): [number, number] {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

function placeOf([x, y]: readonly [number, number]): [number, number] {
  return [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

interface Props {
  plane: Plane;
  view: View;
  /** Of the view, metres. */
  height: number;
  /** Metres a pixel. */
  unit: number;
}

/** Each tile where its corners lie on the map's own plane: over a city the two differ by less than a pixel a tile. */
export function TileLayer({ plane, view, height, unit }: Props) {
  const tiles = useStore(tileSource);
  if (!tiles) return null;
  const [west, north] = fractionsOf(plane.from([view.x - view.width / 2, view.y - height / 2]));
  const [east, south] = fractionsOf(plane.from([view.x + view.width / 2, view.y + height / 2]));
  const lat = plane.from([view.x, view.y])[1];
  const wanted = Math.log2((EQUATOR_METERS * Math.cos((lat * Math.PI) / 180)) / TILE_PIXELS / unit);
  const zoom = Math.min(tiles.maxZoom, Math.max(0, Math.round(wanted)));
  const count = 2 ** zoom;
  const [left, right] = [Math.floor(west * count), Math.floor(east * count)];
  const [top, bottom] = [Math.floor(north * count), Math.floor(south * count)];
  if (!((right - left + 1) * (bottom - top + 1) <= MOST_TILES)) return null;
  const shown = [];
  for (let y = Math.max(0, top); y <= Math.min(count - 1, bottom); y++)
    for (let x = left; x <= right; x++) {
      const [x0, y0] = plane.to(placeOf([x / count, y / count]));
      const [x1, y1] = plane.to(placeOf([(x + 1) / count, (y + 1) / count]));
      const href = tiles.url
        .replace('{z}', String(zoom))
        .replace('{x}', String(((x % count) + count) % count))
        .replace('{y}', String(y));
      shown.push(
        // A little wider than it is, or the ground would show between two.
        <image
          key={href}
          href={href}
          x={x0}
          y={y0}
          width={x1 - x0 + unit / 2}
          height={y1 - y0 + unit / 2}
          preserveAspectRatio="none"
        />,
      );
    }
  return <g class="tiles">{shown}</g>;
}

export function Attribution() {
  const tiles = useStore(tileSource);
  return tiles ? <span class="map-source">{tiles.attribution}</span> : null;
}
