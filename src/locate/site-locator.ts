import { secondsToNanos, type Nanos } from '../audio/index.js';
import { isImpulse, type ImpulseClass, type Site } from '../config/index.js';
import type { Detection } from '../listen/index.js';
import { airFrom, type Air } from './air.js';
import { byTime, type HeardArrival } from './arrival-store.js';
import { buildIncident } from './build-incident.js';
import { CrowdLocator, type CrowdIncident } from './crowd.js';
import type { Incident, IncidentChange, IncidentStep, Weather } from './incident.js';
import type { ImpulseIncident } from './impulse.js';
import { ImpulseLocator } from './impulse-locator.js';
import { isMaterial } from './material.js';
import { blastEvidence, settingsFrom, type LocateOptions, type Settings } from './options.js';
import { place } from './placement.js';
import { PoleMap, type MappedPole } from './pole-map.js';
import { FireworksGroup } from './fireworks.js';
import { RestoredIncidents } from './restored.js';
import { TICK_NANOS, tickAtOrAfter } from './ticks.js';

/** What is further ahead of site time when that is set back was heard by the clocks of before. */
const LATEST_PENDING_NANOS = secondsToNanos(5);

/**
 * Detections of all poles of a site in, steps of incidents out. Pure: no clock, no I/O; time is the site time that
 * `advance` is given, and decisions are taken at fixed ticks of it, so that live and replay give the same incidents.
 */
export class SiteLocator {
  readonly #map: PoleMap;
  readonly #settings: Settings;
  readonly #site: string;
  #impulses: ImpulseLocator;
  #crowds: CrowdLocator;
  readonly #restored = new RestoredIncidents();
  #fireworks: FireworksGroup;
  /** When a pole fell silent as a feed; absent: it listens. */
  readonly #deafSince = new Map<number, Nanos>();
  #pendingArrivals: HeardArrival[] = [];
  /** Are they by time? They are asked for at every tick, and comparing times costs. */
  #pendingSorted = true;
  #pendingCrowds: Array<{ pole: MappedPole; detection: Detection; at: Nanos }> = [];
  #weather: Weather | undefined;
  #air: Air = airFrom();
  #tick: Nanos | undefined;

  constructor(site: Site, options?: LocateOptions) {
    // A recording without a site is one pole of a site named so, at a place that nobody knows.
    const placesKnown = !(site.site === 'local' && site.poles.length === 1);
    this.#settings = settingsFrom({ placesKnown, ...options });
    this.#map = new PoleMap(site);
    this.#site = site.site;
    this.#impulses = this.#newImpulses();
    this.#crowds = new CrowdLocator(site.site, this.#map, this.#settings);
    this.#fireworks = new FireworksGroup(site.site, this.#settings.fireworksPerMinute);
  }

  /** In any order; late ones too. A pole that the site does not have or that takes no part is left out. */
  add(detection: Detection): void {
    const pole = this.#map.get(detection.pole);
    if (!pole) return;
    if (isImpulse(detection.class)) this.#addImpulse(pole, detection, detection.class);
    else if (detection.class === 'crowd_clamour') {
      const at = detection.endNanos ?? this.#reportTime(detection);
      this.#pendingCrowds.push({ pole, detection, at });
    }
  }

  /** A pole whose feed is not live is no silent one: what it did not hear says nothing. `throughNanos`: how far it was decided. */
  setLive(pole: string, live: boolean, throughNanos?: Nanos): void {
    const known = this.#map.get(pole);
    if (!known) return;
    if (live) this.#deafSince.delete(known.index);
    else if (!this.#deafSince.has(known.index)) {
      this.#deafSince.set(known.index, throughNanos ?? this.#tick ?? -(2n ** 62n));
    }
  }

  setWeather(weather: Weather): void {
    this.#weather = weather;
    this.#air = airFrom(weather);
  }

  /** Takes every tick up to site time; what came after it waits. */
  advance(siteTimeNanos: Nanos): IncidentStep[] {
    const steps: IncidentStep[] = [];
    const last = siteTimeNanos - (siteTimeNanos % TICK_NANOS);
    for (;;) {
      const next = this.#nextTick(last);
      if (next === undefined) break;
      this.#tick = next;
      steps.push(...this.#step(next));
    }
    if (this.#tick === undefined || last > this.#tick) this.#tick = last;
    return steps;
  }

  /**
   * The poles' clocks were set back: closes what is open, and goes on at `siteTimeNanos` with what was heard by the new
   * time since.
   */
  setBack(siteTimeNanos: Nanos): IncidentStep[] {
    const steps = this.#tick === undefined ? [] : this.#close(this.#tick, true);
    this.#impulses = this.#newImpulses();
    this.#crowds = new CrowdLocator(this.#site, this.#map, this.#settings);
    this.#fireworks = new FireworksGroup(this.#site, this.#settings.fireworksPerMinute);
    const latest = siteTimeNanos + LATEST_PENDING_NANOS;
    this.#pendingArrivals = this.#pendingArrivals.filter(({ timeNanos }) => timeNanos <= latest);
    // What such a report of a crowd stood at was the tick of before.
    this.#pendingCrowds = this.#pendingCrowds.flatMap(({ pole, detection }) =>
      detection.onsetNanos > latest ? [] : [{ pole, detection, at: detection.endNanos ?? siteTimeNanos }],
    );
    this.#tick = undefined;
    for (const [pole, since] of this.#deafSince)
      if (since > siteTimeNanos) this.#deafSince.set(pole, siteTimeNanos);
    return [...steps, ...this.advance(siteTimeNanos)];
  }

  /** The end of a recording or a shutdown: decides what is left and closes what is open. */
  flush(): IncidentStep[] {
    const steps: IncidentStep[] = [];
    const latest = [
      ...this.#pendingArrivals.map(({ timeNanos }) => timeNanos),
      ...this.#pendingCrowds.map(({ at }) => at),
    ].reduce((a, b) => (b > a ? b : a), this.#tick ?? 0n);
    // Long enough for every founder to be judged and every incident to have its quiet.
    steps.push(...this.advance(latest + 6_000_000_000n));
    steps.push(...this.#close(this.#tick ?? latest, true));
    return steps;
  }

  /** A takeover goes on with these: what is heard of them again continues them, what is not is closed in time. */
  restore(open: readonly Incident[]): void {
    this.#restored.add(open);
  }

  #newImpulses(): ImpulseLocator {
    return new ImpulseLocator(this.#site, this.#map, this.#settings, (pole, time) =>
      this.#listensAt(pole, time),
    );
  }

  #addImpulse(pole: MappedPole, detection: Detection, name: ImpulseClass): void {
    const { on } = this.#settings.thresholds[name];
    for (const arrival of detection.arrivals) {
      const score = arrival.scores[name] ?? 0;
      const heard: HeardArrival = {
        pole,
        timeNanos: arrival.timeNanos,
        arrival,
        detectionId: detection.detectionId,
        class: name,
        strong: detection.state !== 'weak' && score >= on,
        evidence: blastEvidence(arrival.scores, this.#settings),
        snrDb: detection.snrDb,
        ...(detection.features && { features: detection.features }),
      };
      this.#pendingArrivals.push(heard);
      this.#pendingSorted = false;
    }
  }

  #arrivalsByTime(): HeardArrival[] {
    if (!this.#pendingSorted) this.#pendingArrivals.sort(byTime);
    this.#pendingSorted = true;
    return this.#pendingArrivals;
  }

  #reportTime({ onsetNanos }: Detection): Nanos {
    return this.#tick !== undefined && this.#tick > onsetNanos ? this.#tick : onsetNanos;
  }

  #listensAt(pole: MappedPole, time: Nanos): boolean {
    const since = this.#deafSince.get(pole.index);
    return since === undefined || time < since;
  }

  #busy(): boolean {
    return this.#impulses.busy || this.#crowds.busy || this.#restored.busy || this.#fireworks.busy;
  }

  /** The next tick that has work, at most `last`: idle hours cost nothing. */
  #nextTick(last: Nanos): Nanos | undefined {
    let next: Nanos | undefined;
    const consider = (time: Nanos) => {
      if (next === undefined || time < next) next = time;
    };
    const after = this.#tick === undefined ? undefined : this.#tick + TICK_NANOS;
    if (after !== undefined && this.#busy()) consider(after);
    const [earliest] = this.#arrivalsByTime();
    if (earliest) consider(tickAtOrAfter(earliest.timeNanos));
    for (const { at } of this.#pendingCrowds) consider(tickAtOrAfter(at));
    if (next === undefined) return undefined;
    if (after !== undefined && next < after) next = after;
    return next <= last ? next : undefined;
  }

  #step(now: Nanos): IncidentStep[] {
    const waiting = this.#arrivalsByTime();
    const later = waiting.findIndex(({ timeNanos }) => timeNanos > now);
    const due = waiting.splice(0, later < 0 ? waiting.length : later);
    if (due.length > 0) {
      const fresh = due.flatMap((heard) => {
        const { stored, isNew, strengthened } = this.#impulses.store.put(heard);
        return isNew || strengthened ? [stored] : [];
      });
      this.#impulses.take(fresh);
    }
    const crowds = this.#pendingCrowds.filter(({ at }) => at <= now);
    if (crowds.length > 0) {
      this.#pendingCrowds = this.#pendingCrowds.filter(({ at }) => at > now);
      for (const { pole, detection, at } of crowds) this.#crowds.take(pole, detection, at);
    }
    const { changed, found } = this.#impulses.tick(now, this.#air);
    const steps: IncidentStep[] = [];
    for (const incident of found) this.#hand(steps, incident, 'detected', now);
    for (const incident of changed) this.#hand(steps, incident, 'updated', now);
    for (const crowd of this.#crowds.tick(now)) {
      this.#handCrowd(steps, crowd, crowd.published ? 'updated' : 'detected', now);
    }
    steps.push(...this.#close(now, false));
    return steps;
  }

  #close(now: Nanos, all: boolean): IncidentStep[] {
    const steps: IncidentStep[] = [];
    for (const incident of this.#impulses.close(now, all)) this.#hand(steps, incident, 'closed', now);
    for (const crowd of this.#crowds.close(now, all)) this.#handCrowd(steps, crowd, 'closed', now);
    for (const incident of this.#restored.close(now, all)) {
      const closed = { ...incident, revision: incident.revision + 1 };
      steps.push({ change: 'closed', incident: closed, decidedByNanos: now, siteTimeNanos: now });
    }
    const group = this.#fireworks.tick(now, all);
    if (group) steps.push({ ...group, decidedByNanos: now, siteTimeNanos: now });
    return steps;
  }

  #hand(steps: IncidentStep[], incident: ImpulseIncident, change: IncidentChange, now: Nanos): void {
    const silent = this.#impulses.silent(incident, now);
    const placement = place(incident, silent, incident.air, this.#settings);
    const built = buildIncident(incident, placement, silent, this.#map, this.#weather, this.#settings);
    let step = change;
    if (!incident.published) {
      const known = this.#restored.adopt(built);
      if (known) {
        incident.incidentId = known.incidentId;
        // An adopted impulse is one: see isSameIncident.
        incident.class = known.class as ImpulseClass;
        incident.revision = known.revision;
        incident.published = known;
        step = 'updated';
      } else if (change === 'detected' && this.#fireworks.take(built, now)) {
        return;
      } else if (this.#fireworks.holds(built.incidentId)) {
        if (change === 'closed' || !this.#fireworks.better(built)) return;
        step = 'detected';
      } else if (change === 'closed') {
        return;
      }
    } else if (change === 'updated' && !isMaterial(incident.published, built)) {
      return;
    }
    incident.revision++;
    incident.published = {
      ...built,
      incidentId: incident.incidentId,
      class: incident.class,
      revision: incident.revision,
    };
    steps.push({
      change: step,
      incident: incident.published,
      decidedByNanos: change === 'closed' ? now : incident.decidedByNanos,
      siteTimeNanos: now,
    });
  }

  #handCrowd(steps: IncidentStep[], crowd: CrowdIncident, change: IncidentChange, now: Nanos): void {
    const built = this.#crowds.build(crowd);
    if (!crowd.published) {
      const known = this.#restored.adopt(built);
      if (known) {
        crowd.incidentId = known.incidentId;
        crowd.revision = known.revision;
        crowd.published = known;
        change = 'updated';
      }
    }
    if (change === 'updated' && crowd.published && !isMaterial(crowd.published, built)) return;
    crowd.revision++;
    crowd.published = { ...built, incidentId: crowd.incidentId, revision: crowd.revision };
    steps.push({
      change,
      incident: crowd.published,
      decidedByNanos: crowd.lastHeardNanos,
      siteTimeNanos: now,
    });
  }
}
