import { isInArea, isOpen, type Pole, type Site } from '../config/index.js';
import type { Incident, IncidentStep } from '../locate/index.js';
import type { SwitchState } from './kill-switch.js';
import { isReached } from './reach.js';

export type SilenceReason = 'kill_switch' | 'hours' | 'mute_zone' | 'unknown';

export interface SilenceOptions {
  site: Site;
  /** Absent: there is no kill switch. */
  killSwitch?: { readonly state: SwitchState };
}

/**
 * When and where nothing may be heard or told. Fails closed: what cannot be decided is silence. Exercises are no sound of
 * the street: only the kill switch stops them.
 */
export class Silence {
  readonly #site: Site;
  readonly #killSwitch: SilenceOptions['killSwitch'];
  readonly #poles: ReadonlyMap<string, Pole>;
  readonly #muted: ReadonlySet<string>;
  #lookedUp: { second: number; open: boolean } | undefined;

  constructor({ site, killSwitch }: SilenceOptions) {
    this.#site = site;
    this.#killSwitch = killSwitch;
    this.#poles = new Map(site.poles.map((pole) => [pole.pole, pole]));
    this.#muted = new Set(
      site.poles.filter(({ position }) => this.#isMuted(position)).map(({ pole }) => pole),
    );
  }

  /** Why the whole site is silent at that time; undefined where it may listen. */
  ofSite(nowMillis: number, exercise = false): SilenceReason | undefined {
    return closed(() => {
      if (this.#killSwitch && !this.#killSwitch.state.on) return 'kill_switch';
      return exercise || this.#isOpen(nowMillis) ? undefined : 'hours';
    });
  }

  /** Why this pole may not be listened to; a pole that stands in a mute zone never is. */
  ofPole(pole: string, nowMillis: number, exercise = false): SilenceReason | undefined {
    return this.ofSite(nowMillis, exercise) ?? (this.#muted.has(pole) && !exercise ? 'mute_zone' : undefined);
  }

  /**
   * Why nobody may be told of this incident: by the hour of its onset, unless somebody was `told` before, who then hears how
   * it goes on; and wherever it may lie in a mute zone: by its ellipse and area, without a place by where its nearest pole
   * stands. Told or not: a better place that turns out to be in a zone is nobody's to know.
   */
  ofIncident(
    incident: Pick<Incident, 'onsetNanos' | 'location' | 'accuracy' | 'area' | 'poles'>,
    { told = false, exercise = false } = {},
  ): SilenceReason | undefined {
    return closed(() => {
      if (this.#killSwitch && !this.#killSwitch.state.on) return 'kill_switch';
      if (exercise) return undefined;
      const { hours } = this.#site;
      if (!told && hours && !isOpen(hours, Number(incident.onsetNanos / 1_000_000n))) return 'hours';
      return this.#mayBeMuted(incident) ? 'mute_zone' : undefined;
    });
  }

  /**
   * What may be told of this step, if anything, and why not all. Who was told before it was known to be of a mute zone hears
   * that it has ended, and no more; where all was withheld until now, it begins here for the hub.
   */
  ofStep(
    step: IncidentStep,
    { told, exercise }: { told: boolean; exercise: boolean },
  ): { step?: IncidentStep; withheld?: SilenceReason } {
    const withheld = this.ofIncident(step.incident, { told, exercise });
    if (!withheld)
      return { step: !told && step.change === 'updated' ? { ...step, change: 'detected' } : step };
    if (!told || withheld !== 'mute_zone' || step.change !== 'closed') return { withheld };
    return { withheld, step: { ...step, incident: withoutPlace(step.incident) } };
  }

  #mayBeMuted({
    location,
    accuracy,
    area,
    poles,
  }: Pick<Incident, 'location' | 'accuracy' | 'area' | 'poles'>): boolean {
    const zones = this.#site.muteZones;
    if (!zones) return false;
    const place = location ?? this.#poles.get(poles[0]?.pole ?? '')?.position;
    if (!place || this.#isMuted(place) || area?.some((corner) => this.#isMuted(corner))) return true;
    return accuracy !== undefined && zones.some((zone) => isReached(zone, place, accuracy));
  }

  /** Asked for every block of sound, and the calendar is slow: looked up once a second. */
  #isOpen(nowMillis: number): boolean {
    const { hours } = this.#site;
    if (!hours) return true;
    const second = Math.floor(nowMillis / 1000);
    if (this.#lookedUp?.second !== second) this.#lookedUp = { second, open: isOpen(hours, nowMillis) };
    return this.#lookedUp.open;
  }

  #isMuted(place: readonly [number, number]): boolean {
    return this.#site.muteZones?.some((zone) => isInArea(zone, place)) ?? false;
  }
}

/** Without all that says where it was; so without the poles that heard it. */
function withoutPlace({
  location: _location,
  accuracy: _accuracy,
  insideHull: _insideHull,
  conditionNumber: _conditionNumber,
  bearingDegrees: _bearing,
  bearingUncertaintyDegrees: _bearingUncertainty,
  area: _area,
  ...rest
}: Incident): Incident {
  return { ...rest, method: 'none', poles: [] };
}

function closed(decide: () => SilenceReason | undefined): SilenceReason | undefined {
  try {
    return decide();
  } catch {
    return 'unknown';
  }
}
