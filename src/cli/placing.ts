import type { Nanos } from '../audio/index.js';
import type { Site } from '../config/index.js';
import type { Detection } from '../listen/index.js';
import { SiteLocator, SiteTime, type IncidentStep, type LocateOptions } from '../locate/index.js';
import type { HearingSink } from './hearing.js';

export interface PlacingOptions {
  site: Site;
  /** Its thresholds are those that the detections were made with. */
  locate: LocateOptions;
  onStep: (step: IncidentStep) => void;
}

/** The second half of the way of the data: detections → locate → `onStep`. It reads no clock. */
export class Placing implements HearingSink {
  readonly #onStep: (step: IncidentStep) => void;
  readonly locator: SiteLocator;
  readonly siteTime = new SiteTime();

  constructor({ site, locate, onStep }: PlacingOptions) {
    this.#onStep = onStep;
    this.locator = new SiteLocator(site, locate);
    for (const { pole, recorded } of site.poles) if (recorded) this.siteTime.expect(pole);
  }

  onDetection(detection: Detection): void {
    this.locator.add(detection);
  }

  onDecided(pole: string, throughNanos: Nanos): void {
    if (this.siteTime.report(pole, throughNanos)) this.advance(this.siteTime.now());
  }

  onLive(pole: string, live: boolean): void {
    this.siteTime.setLive(pole, live);
    this.locator.setLive(pole, live, this.siteTime.throughOf(pole));
  }

  /** Lets site time run on where no sound comes, or back where clocks were set: call it a few times a second while live. */
  tick(monotonicNanos: Nanos): void {
    const before = this.siteTime.last;
    const now = this.siteTime.now(monotonicNanos);
    if (before === undefined || now === undefined || now >= before) return this.advance(now);
    for (const step of this.locator.setBack(now)) this.#onStep(step);
  }

  advance(siteTimeNanos: Nanos | undefined): void {
    if (siteTimeNanos === undefined) return;
    for (const step of this.locator.advance(siteTimeNanos)) this.#onStep(step);
  }

  /** Closes what is open. */
  finish(): void {
    for (const step of this.locator.flush()) this.#onStep(step);
  }
}
