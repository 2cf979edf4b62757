import { NANOS_PER_SECOND, type Nanos } from '../audio/index.js';
import type { Incident, IncidentChange } from './incident.js';
import { incidentIdOf } from './impulse.js';

const MINUTE_NANOS = 60n * NANOS_PER_SECOND;
const UPDATE_NANOS = 10n * NANOS_PER_SECOND;
/** Confidence above which a located shot goes out alone even on a night of fireworks. */
const ALONE_CONFIDENCE = 0.97;
const LISTED_MEMBERS = 50;

interface Member {
  incident: Incident;
  atNanos: Nanos;
}

/**
 * A night of fireworks: once more impulse incidents a minute are detected than `perMinute`, further ones become
 * members of one grouped incident, updated every 10 s, until a minute has passed without one. Members are counted and
 * kept; a located gunshot of high confidence still goes out alone.
 */
export class FireworksGroup {
  #recent: Nanos[] = [];
  #members = new Map<string, Member>();
  #published: Incident | undefined;
  #updatedAt: Nanos = 0n;
  #stale = false;

  constructor(
    private readonly site: string,
    private readonly perMinute: number,
  ) {}

  get busy(): boolean {
    return this.#published !== undefined;
  }

  /** Every member with its last state, oldest first. */
  get members(): readonly Incident[] {
    return [...this.#members.values()].map(({ incident }) => incident);
  }

  holds(incidentId: string): boolean {
    return this.#members.has(incidentId);
  }

  /** Takes a newly detected impulse incident as a member (true), or lets it go out alone (false). */
  take(incident: Incident, now: Nanos): boolean {
    this.#recent = this.#recent.filter((at) => now - at < MINUTE_NANOS);
    this.#recent.push(now);
    if (this.#recent.length <= this.perMinute && !this.#published) return false;
    if (standsAlone(incident)) return false;
    this.#members.set(incident.incidentId, { incident, atNanos: now });
    this.#stale = true;
    return true;
  }

  /** A member's later state; true where it now goes out alone after all (and is no member any more). */
  better(incident: Incident): boolean {
    const member = this.#members.get(incident.incidentId);
    if (!member) return false;
    if (standsAlone(incident)) {
      this.#members.delete(incident.incidentId);
      return true;
    }
    member.incident = incident;
    this.#stale = true;
    return false;
  }

  /** The group's own step at this tick, if there is one. */
  tick(now: Nanos, ending: boolean): { change: IncidentChange; incident: Incident } | undefined {
    if (!this.#published) {
      if (this.#members.size === 0) return undefined;
      return this.#publish('detected', now);
    }
    const last = [...this.#members.values()].reduce((t, { atNanos }) => (atNanos > t ? atNanos : t), 0n);
    if (ending || now - last >= MINUTE_NANOS) {
      const step = this.#publish('closed', now);
      this.#published = undefined;
      this.#members.clear();
      return step;
    }
    return this.#stale && now - this.#updatedAt >= UPDATE_NANOS ? this.#publish('updated', now) : undefined;
  }

  #publish(change: IncidentChange, now: Nanos): { change: IncidentChange; incident: Incident } {
    const members = this.members;
    const first = members[0] ?? this.#published!;
    const latest = members.reduce((a, b) => (b.onsetNanos > a.onsetNanos ? b : a), first);
    const loudest = members.reduce((a, b) => (b.levelDb > a.levelDb ? b : a), first);
    const times = members.flatMap(({ shots }) => shots?.timesNanos ?? []);
    times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const poles = new Map(members.flatMap((m) => m.poles.map((pole) => [pole.pole, pole] as const)));
    const onset = this.#published?.onsetNanos ?? first.onsetNanos;
    const incident: Incident = {
      incidentId:
        this.#published?.incidentId ??
        incidentIdOf(this.site, 'grouped', first.poles[0]?.pole ?? '', first.onsetNanos),
      revision: (this.#published?.revision ?? 0) + 1,
      class: this.#published?.class ?? first.class,
      confidence: Math.min(0.5, loudest.confidence),
      onsetNanos: onset,
      onsetUncertaintySeconds: first.onsetUncertaintySeconds,
      durationSeconds: Math.max(Number(latest.onsetNanos - onset) / 1e9, 0),
      method: 'none',
      shots: { count: times.length, timesNanos: times.slice(0, LISTED_MEMBERS), automatic: false },
      levelDb: loudest.levelDb,
      polesHeard: poles.size,
      polesSilent: 0,
      poles: [...poles.values()],
      reasons: [
        {
          class: 'fireworks',
          text: `${members.length} blasts grouped: more than ${this.perMinute} a minute are rather fireworks than shots.`,
        },
      ],
    };
    this.#published = incident;
    this.#updatedAt = now;
    this.#stale = false;
    return { change, incident };
  }
}

function standsAlone(incident: Incident): boolean {
  return (
    incident.class === 'gunshot' &&
    incident.method === 'multilateration' &&
    incident.confidence >= ALONE_CONFIDENCE
  );
}
