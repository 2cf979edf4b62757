import { decodeFrame, mixToMono } from '../../audio/index.js';
import { noFeedCounters, PoleFeed, type SoundBlock } from '../../feeds/index.js';
import {
  levelDbOf,
  mergeThresholds,
  OnsetPicker,
  RecentSound,
  Tracker,
  type Classifier,
  type Model,
} from '../../listen/index.js';
import { Metrics } from '../../telemetry/index.js';
import { Pipeline } from '../pipeline.js';
import { StageClock } from '../stage-clock.js';
import type { FrameRig } from './parts-rig.js';
import { FRAME_SECONDS } from './pole-stream.js';

/** The way of a frame step by step; `way` is all of it in one, but for NATS before it and the model after it. */
export const FRAME_PARTS = [
  'decode',
  'feed',
  'onsets',
  'ring',
  'patch',
  'tracker',
  'metrics',
  'stage clock',
  'way',
] as const;
export type FramePart = (typeof FRAME_PARTS)[number];

const CLOCK_UNCERTAINTY_SECONDS = 0.0005;
const WARM_ROUNDS = 30;

/** One step for every pole; called once a round. */
type Step = (pole: number, round: number) => void;

/**
 * Processor milliseconds of each part a feed-second, over `rounds` of 100 ms of all the rig's poles. The parts take turns
 * within each round, with the same sound, so that they can be compared and added.
 */
export function measureFrameParts(
  rig: FrameRig,
  model: Model,
  rounds: number,
  parts: readonly FramePart[] = FRAME_PARTS,
): Map<FramePart, number> {
  const steps = new Map(parts.map((part) => [part, stepOf(part, rig, model)]));
  const micros = new Map<FramePart, number>(parts.map((part) => [part, 0]));
  for (let round = 0; round < WARM_ROUNDS + rounds; round++) {
    rig.next();
    for (const [part, step] of steps) {
      const before = process.cpuUsage();
      for (let pole = 0; pole < rig.poles.length; pole++) step(pole, round);
      const { user, system } = process.cpuUsage(before);
      if (round >= WARM_ROUNDS) micros.set(part, micros.get(part)! + user + system);
    }
  }
  const feedSeconds = rounds * FRAME_SECONDS * rig.poles.length;
  return new Map([...micros].map(([part, sum]) => [part, sum / 1000 / feedSeconds]));
}

function stepOf(part: FramePart, rig: FrameRig, model: Model): Step {
  const { poles, payloads, sounds } = rig;
  switch (part) {
    case 'decode': {
      const mono = new Float32Array(sounds[0].length);
      return (i) => {
        const frame = decodeFrame(payloads[i]);
        if (typeof frame !== 'string') mixToMono(frame, mono);
      };
    }
    case 'feed': {
      const feeds = feedsOf(rig);
      return (i) => void feeds[i].accept('', payloads[i], undefined);
    }
    case 'onsets': {
      const pickers = poles.map(() => new OnsetPicker(() => undefined));
      return (i) => pickers[i].push(sounds[i]);
    }
    case 'ring': {
      const rings = poles.map(() => new RecentSound());
      return (i) => rings[i].append(sounds[i], rig.nanos, CLOCK_UNCERTAINTY_SECONDS);
    }
    case 'patch': {
      const ring = new RecentSound();
      for (let k = 0; k < 2 / FRAME_SECONDS; k++) ring.append(sounds[0], rig.nanos);
      const row = new Float32Array(model.patchSamples);
      return everyHop(model, () => {
        ring.read(row, ring.end - row.length, 0);
        levelDbOf(row);
      });
    }
    case 'tracker':
      return trackerStep(rig, model);
    case 'metrics': {
      const metrics = new Metrics(poles.map(({ pole }) => pole));
      return (i) => metrics.frame(poles[i].pole, FRAME_SECONDS, CLOCK_UNCERTAINTY_SECONDS);
    }
    case 'stage clock': {
      const clock = new StageClock();
      return (i) => clock.block(poles[i].pole, rig.nanos, FRAME_SECONDS);
    }
    case 'way':
      return wayStep(rig, model);
  }
}

/** A pole's step at each of its hops, the poles spread evenly over time. */
function everyHop({ hopSeconds }: Model, step: (pole: number) => void): Step {
  const rounds = Math.max(1, Math.round(hopSeconds / FRAME_SECONDS));
  return (pole, round) => {
    if ((pole + round) % rounds === 0) step(pole);
  };
}

function feedsOf(rig: FrameRig, counters = noFeedCounters): PoleFeed[] {
  const startNanos = rig.nanos;
  return rig.poles.map(
    (pole) =>
      new PoleFeed(pole, {
        counters,
        // The sound's own time: run faster than that, the flood gate would close.
        monotonicSeconds: () => Number(rig.nanos - startNanos) / 1e9,
        nowNanos: () => BigInt(Date.now()) * 1_000_000n,
        onState: () => undefined,
      }),
  );
}

function trackerStep(rig: FrameRig, model: Model): Step {
  const thresholds = mergeThresholds(model.thresholds);
  const trackers = rig.poles.map(({ pole }) => new Tracker(pole, thresholds, model.hopSeconds));
  const scores = Object.fromEntries(model.classes.map((name) => [name, 0.01]));
  return everyHop(model, (i) => {
    trackers[i].take({
      startNanos: rig.nanos - 1_000_000_000n,
      endNanos: rig.nanos,
      routine: true,
      scores,
      levelDb: -40,
      arrivals: [],
      features: () => undefined,
    });
  });
}

/** All that `serve` does with a frame, with a model that costs nothing and hears nothing. */
function wayStep(rig: FrameRig, model: Model): Step {
  const metrics = new Metrics(rig.poles.map(({ pole }) => pole));
  const feeds = feedsOf(rig, metrics);
  const clock = new StageClock();
  const pipeline = new Pipeline({
    site: rig.site,
    classifier: deafClassifier(model),
    counters: metrics,
    onStep: () => undefined,
    onBlock: (pole, block) => clock.block(pole, block.startNanos, block.samples.length / 16_000),
  });
  for (const { pole } of rig.poles) pipeline.onState(pole, 'live');
  const deliver = (pole: string, block: SoundBlock): void => void pipeline.onBlock(pole, block);
  return (i) => {
    for (const block of feeds[i].accept('', rig.payloads[i], undefined)) deliver(rig.poles[i].pole, block);
  };
}

function deafClassifier(model: Model): Classifier {
  const row = new Float32Array(model.patchSamples);
  const scores = new Float32Array(model.classes.length);
  return {
    model,
    full: false,
    waiting: 0,
    room: () => Promise.resolve(),
    score: (patch) => {
      if (typeof patch === 'function') patch(row);
      return Promise.resolve(scores);
    },
    close: () => Promise.resolve(),
  };
}
