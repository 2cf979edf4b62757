import type { Nanos } from '../audio/index.js';
import { isMaterial, isSameIncident, type Incident, type IncidentStep } from '../locate/index.js';
import type { CloudEvent } from './cloud-event.js';
import { incidentFromData } from './takeover.js';

/** What is closed and this far behind is past: it can no more be found twice. */
const PAST_NANOS = 120_000_000_000n;
const MOST_UNPRUNED = 500;
/**
 * Revisions that a dead locator may have decided and not sent: they lie on its disk and come later, under numbers that
 * a hub has passed by then.
 */
const UNSENT_REVISIONS = 10;

/** A step to publish now; `closed`: the hub knows the incident as closed, and it stays so. */
export interface SaidStep {
  step: IncidentStep;
  closed: boolean;
}

interface Own {
  step: IncidentStep;
  said: boolean;
}

interface Told {
  incident: Incident;
  revision: number;
  closed: boolean;
}

/**
 * Between the locator and the publisher: what this process decided, and what the hub was told by whom. Without the
 * claim nothing goes through; with it everything does, under the names and after the revisions that the hub knows. So a
 * standby that located all the while takes over without a gap and without a twin. Pure.
 */
export class StepLedger {
  readonly #own = new Map<string, Own>();
  readonly #told = new Map<string, Told>();
  /** Own incident ids that the hub knows under another name. */
  readonly #names = new Map<string, string>();
  #holding = false;
  #heardSince: Nanos | undefined;

  /** Before this, what was heard is known in part only: nothing is founded on it that the hub has not heard of. */
  heardSince(time: Nanos): void {
    this.#heardSince ??= time;
  }

  /** What EVENTS tells; in any order, and again. */
  told(events: Iterable<CloudEvent>): void {
    for (const { data } of events) {
      const known = this.#told.get(data.incidentId);
      if (known && known.revision >= data.revision) continue;
      this.#told.set(data.incidentId, {
        incident: incidentFromData(data),
        revision: data.revision,
        closed: data.state === 'closed',
      });
    }
  }

  /** A step of this process's locator; given back as it is to be published, where it is. */
  take(step: IncidentStep): SaidStep | undefined {
    const own = { step, said: false };
    this.#own.set(step.incident.incidentId, own);
    this.#prune(step.siteTimeNanos);
    return this.#holding ? this.#say(own, 1) : undefined;
  }

  /**
   * The claim is this process's: what the hub does not know yet. `handedOver`: who had it before has told all it decided.
   * The incidents that are open for the hub and that this process never found are given back too.
   */
  takeOver(handedOver: boolean): { say: SaidStep[]; open: Incident[] } {
    this.#holding = true;
    const say: SaidStep[] = [];
    const step = handedOver ? 1 : 1 + UNSENT_REVISIONS;
    for (const [id, own] of this.#own) {
      if (own.said) continue;
      const told = this.#find(id, own.step.incident);
      if (!told) {
        if (this.#heardSince !== undefined && own.step.incident.onsetNanos < this.#heardSince)
          own.said = true;
        else if (own.step.change === 'closed') {
          // A hub learns of an incident before it learns of its end.
          say.push(this.#say({ step: { ...own.step, change: 'detected' }, said: false }, 1));
          say.push(this.#say(own, 1));
        } else say.push(this.#say(own, 1));
      } else if (
        told.closed ||
        (own.step.change !== 'closed' && !isMaterial(told.incident, own.step.incident))
      ) {
        own.said = true;
      } else say.push(this.#say(own, step));
    }
    const found = new Set([...this.#own.keys()].map((id) => this.#nameOf(id)));
    const open = [...this.#told]
      .filter(([id, { closed }]) => !closed && !found.has(id))
      .map(([, { incident, revision }]) => ({ ...incident, revision: revision + step - 1 }));
    return { say, open };
  }

  /** The claim is another's. */
  letGo(): void {
    this.#holding = false;
  }

  #say(own: Own, ahead: number): SaidStep {
    const { step } = own;
    own.said = true;
    const incidentId = this.#nameOf(step.incident.incidentId);
    const told = this.#told.get(incidentId);
    const revision = told ? Math.max(step.incident.revision, told.revision + ahead) : step.incident.revision;
    const change = step.change === 'closed' ? 'closed' : told ? 'updated' : 'detected';
    const incident = {
      ...step.incident,
      incidentId,
      revision,
      class: told?.incident.class ?? step.incident.class,
    };
    const closed = told?.closed ?? false;
    this.#told.set(incidentId, { incident, revision, closed: closed || change === 'closed' });
    return { step: { ...step, change, incident }, closed };
  }

  #nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  /** What the hub knows of it: under its own name, or under that of the incident that it plainly is. */
  #find(id: string, incident: Incident): Told | undefined {
    const known = this.#told.get(this.#nameOf(id));
    if (known) return known;
    const taken = new Set([...this.#own.keys()].map((one) => this.#nameOf(one)));
    for (const [name, told] of this.#told) {
      if (taken.has(name) || !isSameIncident(told.incident, incident)) continue;
      this.#names.set(id, name);
      return told;
    }
    return undefined;
  }

  #prune(now: Nanos): void {
    if (this.#own.size + this.#told.size < MOST_UNPRUNED) return;
    for (const [id, { step }] of this.#own)
      if (step.change === 'closed' && now - step.siteTimeNanos >= PAST_NANOS) this.#own.delete(id);
    for (const [id, { incident, closed }] of this.#told) {
      if (!closed || now - incident.onsetNanos < PAST_NANOS) continue;
      this.#told.delete(id);
    }
    for (const [id, name] of this.#names) if (!this.#told.has(name)) this.#names.delete(id);
  }
}
