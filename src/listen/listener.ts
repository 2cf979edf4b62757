import type { Pole, Site } from '../config/index.js';
import type { SoundBlock } from '../feeds/index.js';
import type { Classifier } from './classifier.js';
import type { ListenCounters } from './listen-counters.js';
import type { ListenSink } from './listen-sink.js';
import type { Shedding } from './overload.js';
import { PoleListener } from './pole-listener.js';
import type { Thresholds } from './scored-patch.js';

/** Choices of the site; what is absent follows the model. */
export interface ListenOptions {
  /** Also report loud sounds that are none of the known kinds. */
  unusual?: boolean;
  /** By class; each value overrides the model's own. */
  thresholds?: Readonly<Partial<Record<string, { on?: number; off?: number; alone?: number }>>>;
  /** By pole, then by class: where one pole hears too much. Each value overrides those above. */
  poleThresholds?: Readonly<Record<string, ListenOptions['thresholds']>>;
}

/** Every pole of a site, side by side: none waits for another. */
export class Listener {
  readonly #poles = new Map<string, PoleListener>();
  readonly #make: (pole: Pole) => PoleListener;
  readonly #site: Site;

  constructor(
    options: {
      site: Site;
      classifier: Classifier;
      sink: ListenSink;
      counters?: ListenCounters;
      shedding?: Shedding;
    } & ListenOptions,
  ) {
    const { site, classifier, sink, counters = {}, unusual = false, shedding } = options;
    const thresholds = mergeThresholds(classifier.model.thresholds, options.thresholds);
    this.#site = site;
    this.#make = (pole) =>
      new PoleListener({
        pole,
        classifier,
        sink,
        counters,
        thresholds: mergeThresholds(thresholds, options.poleThresholds?.[pole.pole]),
        unusual,
        ...(shedding && { shedding }),
      });
  }

  /**
   * Takes a block; the samples are copied or used during the call (until its promise ends, where it gives one).
   * The promise asks a recording to wait until the classifier has caught up; a live feed goes on regardless, and loses
   * patches, counted, when the classifier stays behind. Poles that are not in the site are ignored.
   */
  accept(pole: string, block: SoundBlock): void | Promise<void> {
    let ear = this.#poles.get(pole);
    if (!ear) {
      const known = this.#site.poles.find((one) => one.pole === pole);
      if (!known) return;
      ear = this.#make(known);
      this.#poles.set(pole, ear);
    }
    return ear.accept(block);
  }

  /** Decides what is left, closes open detections, zeroes the ring. */
  async endFeed(pole: string): Promise<void> {
    const ear = this.#poles.get(pole);
    this.#poles.delete(pole);
    await ear?.end();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#poles.keys()].map((pole) => this.endFeed(pole)));
  }
}

/** The model's thresholds with a site's own in place; kept in order off <= on <= alone. */
export function mergeThresholds(model: Thresholds, site: ListenOptions['thresholds'] = {}): Thresholds {
  return Object.fromEntries(
    Object.entries(model).map(([name, limits]) => {
      const on = site[name]?.on ?? limits.on;
      const off = Math.min(on, site[name]?.off ?? limits.off);
      return [name, { on, off, alone: Math.max(on, site[name]?.alone ?? limits.alone) }];
    }),
  );
}
