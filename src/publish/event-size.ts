import { contentOf, type CloudEvent } from './cloud-event.js';
import type { EventData, PoleData } from './event-schema.js';

/** "At most 8 kB", read strictly. */
export const MAX_EVENT_BYTES = 8000;
/**
 * `latencySeconds` and `revision` differ from try to try and are no part of the id, so what gives way must not depend
 * on them: they are always counted with the most they can take.
 */
const RESERVED_BYTES = 240;
const POLES_KEPT = 6;
const AREA_VERTICES_KEPT = 16;

type GiveWay = (data: EventData) => EventData;

/** In the order of design.md; a crowd's outline comes after it, as the last. */
const giveWay: readonly GiveWay[] = [
  (data) => ({ ...data, poles: data.poles.map(withoutFeatures) }),
  (data) => ({ ...data, poles: data.poles.slice(0, POLES_KEPT) }),
  (data) => {
    const { shots } = data;
    return shots ? { ...data, shots: { count: shots.count, automatic: shots.automatic } } : data;
  },
  (data) =>
    data.area ? { ...data, area: { ...data.area, coordinates: [thin(data.area.coordinates[0])] } } : data,
  (data) => (data.reasons ? { ...data, reasons: data.reasons.slice(0, 4) } : data),
];

function withoutFeatures(pole: PoleData): PoleData {
  const bare = { ...pole };
  delete bare.features;
  return bare;
}

/** The event's data, with as much given up as 8 kB need. */
export function fit(event: CloudEvent): EventData {
  let data = event.data;
  for (const less of giveWay) {
    if (sizeOf({ ...event, data }) <= MAX_EVENT_BYTES) break;
    data = less(data);
  }
  return data;
}

function sizeOf(event: CloudEvent): number {
  return Buffer.byteLength(JSON.stringify({ ...event, data: contentOf(event.data) })) + RESERVED_BYTES;
}

/** Every n-th vertex of a closed ring, closed again. */
function thin<T>(ring: readonly T[]): T[] {
  if (ring.length <= AREA_VERTICES_KEPT) return [...ring];
  const open = ring.slice(0, -1);
  const step = open.length / (AREA_VERTICES_KEPT - 1);
  const kept = Array.from({ length: AREA_VERTICES_KEPT - 1 }, (_, i) => open[Math.floor(i * step)]);
  return [...kept, kept[0]];
}
