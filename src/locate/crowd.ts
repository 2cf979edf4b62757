import { secondsToNanos, type Nanos } from '../audio/index.js';
import type { Detection } from '../listen/index.js';
import type { Incident, PoleEvidence } from './incident.js';
import { incidentIdOf } from './impulse.js';
import type { Settings } from './options.js';
import type { MappedPole, PoleMap } from './pole-map.js';
import { CROWD_QUIET_NANOS } from './ticks.js';
import { convexHull } from './uncertainty.js';

/** Poles farther apart than this hear different crowds. */
const SAME_CROWD_METERS = 450;
/** One pole hears a crowd from about so far: the circle round each pole that the area is made of. */
const EARSHOT_METERS = 150;
const CIRCLE_POINTS = 16;
/** A pole reports every 5 s while it hears a crowd: one that has not for longer hears it no more. */
const REPORTED_NANOS = secondsToNanos(7);
const HALVING = 0.5;

/** One crowd as it lives in the locator: the latest detection of each pole that hears it. */
export interface CrowdIncident {
  incidentId: string;
  onsetNanos: Nanos;
  byPole: Map<number, { pole: MappedPole; detection: Detection; heardNanos: Nanos }>;
  lastHeardNanos: Nanos;
  revision: number;
  published?: Incident;
  dirty: boolean;
}

/** Crowds of a site: several poles that hear clamour near each other at one time are one crowd. */
export class CrowdLocator {
  readonly open: CrowdIncident[] = [];
  /** Detections that are not yet enough for an alert, by detection id. */
  readonly #waiting = new Map<string, { pole: MappedPole; detection: Detection; heardNanos: Nanos }>();

  constructor(
    private readonly site: string,
    private readonly map: PoleMap,
    private readonly settings: Settings,
  ) {}

  take(pole: MappedPole, detection: Detection, heardNanos: Nanos): void {
    const part = { pole, detection, heardNanos };
    if (!this.#joins(part)) this.#waiting.set(`${pole.index}`, part);
  }

  /** Whether a crowd that is known is heard there too. */
  #joins(part: { pole: MappedPole; detection: Detection; heardNanos: Nanos }): boolean {
    const near = this.open.find((crowd) =>
      [...crowd.byPole.values()].some((other) => near2(other.pole, part.pole)),
    );
    if (!near) return false;
    near.byPole.set(part.pole.index, part);
    near.dirty = true;
    if (part.heardNanos > near.lastHeardNanos) near.lastHeardNanos = part.heardNanos;
    return true;
  }

  tick(now: Nanos): CrowdIncident[] {
    const changed: CrowdIncident[] = this.open.filter(({ dirty }) => dirty);
    for (const crowd of changed) crowd.dirty = false;
    const { alone, on } = this.settings.thresholds.crowd_clamour;
    const waiting = [...this.#waiting.values()]
      .filter(({ detection }) => detection.score >= on)
      .sort((a, b) => Number(a.detection.onsetNanos - b.detection.onsetNanos) || a.pole.index - b.pole.index);
    for (const part of waiting) {
      const key = `${part.pole.index}`;
      if (!this.#waiting.has(key)) continue;
      // One that was founded just now may be heard here too: with poles of its own it would be told twice.
      if (this.#joins(part)) {
        this.#waiting.delete(key);
        continue;
      }
      const company = waiting.filter((other) => near2(other.pole, part.pole));
      const doubt = company.reduce((product, { detection }) => product * (1 - detection.score), 1);
      if (part.detection.score < alone && (company.length < 2 || 1 - doubt < alone)) continue;
      const crowd: CrowdIncident = {
        incidentId: incidentIdOf(this.site, 'crowd_clamour', part.pole.pole, part.detection.onsetNanos),
        onsetNanos: part.detection.onsetNanos,
        byPole: new Map(company.map((other) => [other.pole.index, other])),
        lastHeardNanos: company.reduce((t, c) => (c.heardNanos > t ? c.heardNanos : t), part.heardNanos),
        revision: 0,
        dirty: false,
      };
      for (const other of company) this.#waiting.delete(`${other.pole.index}`);
      this.open.push(crowd);
      changed.push(crowd);
    }
    for (const [key, { heardNanos }] of this.#waiting) {
      if (now - heardNanos > CROWD_QUIET_NANOS) this.#waiting.delete(key);
    }
    return changed;
  }

  close(now: Nanos, all = false): CrowdIncident[] {
    const closing = this.open.filter((crowd) => {
      const ongoing = [...crowd.byPole.values()].some(
        ({ detection, heardNanos }) => detection.state !== 'closed' && now - heardNanos < REPORTED_NANOS,
      );
      return all || (!ongoing && now - crowd.lastHeardNanos >= CROWD_QUIET_NANOS);
    });
    for (const crowd of closing) this.open.splice(this.open.indexOf(crowd), 1);
    return closing;
  }

  get busy(): boolean {
    return this.open.length > 0 || this.#waiting.size > 0;
  }

  /** The crowd as others see it: middle weighed by loudness, ellipse and area from the poles that hear it. */
  build(crowd: CrowdIncident): Incident {
    const parts = [...crowd.byPole.values()].sort(
      (a, b) => b.detection.levelDb - a.detection.levelDb || a.pole.index - b.pole.index,
    );
    const active = parts.filter(({ detection }) => detection.state !== 'closed');
    const end = parts.reduce((t, part) => (heardUntil(part) > t ? heardUntil(part) : t), crowd.onsetNanos);
    // Poles cease to hear a fading crowd one by one: that moves nothing. Those that ceased long before did lose it.
    const here = parts.filter((part) => end - heardUntil(part) < REPORTED_NANOS);
    const loudest = here[0].detection.levelDb;
    let east = 0;
    let north = 0;
    let total = 0;
    for (const { pole, detection } of here) {
      const w = 10 ** ((detection.levelDb - loudest) / 10);
      east += w * pole.east;
      north += w * pole.north;
      total += w;
    }
    const middle: readonly [number, number] = [east / total, north / total];
    const rims = here.flatMap(({ pole }) =>
      Array.from({ length: CIRCLE_POINTS }, (_, i): [number, number] => {
        const angle = (2 * Math.PI * i) / CIRCLE_POINTS;
        return [pole.east + EARSHOT_METERS * Math.cos(angle), pole.north + EARSHOT_METERS * Math.sin(angle)];
      }),
    );
    const reach = Math.max(...rims.map(([e, n]) => Math.hypot(e - middle[0], n - middle[1])));
    const ring = convexHull(rims).map((point) => this.#lonLat(point));
    ring.push(ring[0]);
    const closedAll = active.length === 0;
    const doubt = parts.reduce((p, { detection }, i) => p * (1 - detection.score) ** (HALVING ** i), 1);
    return {
      incidentId: crowd.incidentId,
      revision: crowd.revision,
      class: 'crowd_clamour',
      confidence: fixed(1 - doubt, 3),
      onsetNanos: crowd.onsetNanos,
      onsetUncertaintySeconds: 1,
      durationSeconds: fixed(Number(end - crowd.onsetNanos) / 1e9, 1),
      method: this.settings.placesKnown ? 'nearest_pole' : 'none',
      ...(this.settings.placesKnown && {
        location: this.#lonLat(middle),
        accuracy: {
          semiMajorMeters: fixed(reach, 1),
          semiMinorMeters: fixed(reach, 1),
          azimuthDegrees: 0,
          confidenceLevel: 0.95 as const,
        },
        area: ring,
      }),
      levelDb: fixed(loudest, 1),
      polesHeard: parts.length,
      polesSilent: 0,
      poles: parts.map(({ pole, detection }): PoleEvidence => ({
        pole: pole.pole,
        arrivalNanos: detection.onsetNanos,
        score: detection.score,
        snrDb: fixed(detection.snrDb, 1),
        ...(detection.features && { features: detection.features }),
      })),
      reasons: [
        {
          class: 'evidence',
          text: `${parts.length} ${parts.length === 1 ? 'pole hears' : 'poles hear'} it${closedAll ? ' no more' : `, ${active.length} still`}; loudest at ${here[0].pole.pole}.`,
        },
      ],
    };
  }

  #lonLat(point: readonly [number, number]): readonly [number, number] {
    const [lon, lat] = this.map.plane.fromPlane(point);
    return [fixed(lon, 7), fixed(lat, 7)];
  }
}

function heardUntil({ detection, heardNanos }: { detection: Detection; heardNanos: Nanos }): Nanos {
  return detection.endNanos ?? heardNanos;
}

function near2(a: MappedPole, b: MappedPole): boolean {
  return Math.hypot(a.east - b.east, a.north - b.north) <= SAME_CROWD_METERS;
}

function fixed(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
