import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTime, secondsBetween, secondsToNanos } from '../../src/audio/index.js';
import type { Site } from '../../src/config/index.js';
import {
  Listener,
  loadModel,
  startClassifier,
  type Classifier,
  type Detection,
} from '../../src/listen/index.js';
import { addShot, noise, RATE } from './sounds.js';

const START = parseTime('2026-05-01T22:00:00.130Z');
const SITE: Site = {
  site: 'test',
  poles: ['a', 'b'].map((pole) => ({
    pole,
    position: [5.37, 43.29] as const,
    altitudeMeters: 5,
    recorded: true,
    positionUncertaintyMeters: 1,
    fullScaleDbSpl: 120,
  })),
};

let classifier: Classifier;
beforeAll(async () => {
  classifier = await startClassifier(await loadModel(process.env['CLAMEUR_MODEL_PATH']));
});
afterAll(() => classifier.close());

interface Run {
  detections: Detection[];
  decided: bigint[];
  /** Patches counted, by kind. */
  patches: Record<string, number>;
}

interface Play {
  blockSeconds?: number;
  /** Seconds at which the sound breaks and goes on 1 s later. */
  breakAt?: number;
}

async function play(sounds: Record<string, Float32Array>, options: Play = {}): Promise<Run> {
  const { blockSeconds = 0.1, breakAt } = options;
  const run: Run = { detections: [], decided: [], patches: {} };
  const listener = new Listener({
    site: SITE,
    classifier,
    counters: {
      patches: (kind, count = 1) => (run.patches[kind] = (run.patches[kind] ?? 0) + count),
    },
    sink: {
      onDetection: (detection) => run.detections.push(detection),
      onDecided: (_pole, through) => run.decided.push(through),
    },
  });
  const length = Math.round(blockSeconds * RATE);
  await Promise.all(
    Object.entries(sounds).map(async ([pole, sound]) => {
      for (let from = 0; from < sound.length; from += length) {
        const seconds = from / RATE;
        const broken = breakAt !== undefined && seconds >= breakAt;
        const block = {
          startNanos: START + secondsToNanos(seconds + (broken ? 1 : 0)),
          clockUncertaintySeconds: 0.0001,
          samples: sound.slice(from, from + length),
          afterBreak: from === 0 || (broken && seconds - blockSeconds < breakAt),
          filledSamples: 0,
        };
        await listener.accept(pole, block);
      }
      await listener.endFeed(pole);
    }),
  );
  await listener.close();
  return run;
}

const shots = (at: readonly number[], seconds: number, peak = 0.5): Float32Array =>
  at.reduce((sound, t, i) => addShot(sound, t, peak, 31 + i), noise(seconds, 0.001, 5));

const plain = (detections: readonly Detection[]): unknown[] =>
  detections.map((d) =>
    JSON.parse(JSON.stringify(d, (_key, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))),
  );

const arrivalsOf = (detections: readonly Detection[]): number[] =>
  [...new Set(detections.flatMap((d) => d.arrivals.map((a) => a.timeNanos)))]
    .map((time) => secondsBetween(START, time))
    .sort((a, b) => a - b);

describe('listening', () => {
  it('tells each shot of a recording, to 2 ms, with scores, level, clock and features', async () => {
    const times = [1.2, 2.05, 4.5];
    const { detections } = await play({ a: shots(times, 6) });
    const arrivals = arrivalsOf(detections);
    for (const at of times) expect(Math.min(...arrivals.map((t) => Math.abs(t - at)))).toBeLessThan(0.002);
    const first = detections[0].arrivals[0];
    expect(first.clockUncertaintySeconds).toBe(0.0001);
    expect(first.levelDb).toBeGreaterThan(108);
    expect(first.levelDb).toBeLessThan(120);
    expect(Object.keys(first.scores)).toEqual([...classifier.model.classes]);
    for (const { state, features } of detections) {
      if (state === 'closed') expect(features?.['centroidHz']).toBeGreaterThan(0);
    }
  });

  it('gives the same reports for any block size', async () => {
    const sound = shots([0.4, 1.2, 1.28, 3.1], 4);
    const slow = await play({ a: sound }, { blockSeconds: 0.1 });
    expect(slow.detections.length).toBeGreaterThan(2);
    for (const options of [
      { blockSeconds: 0.02 },
      { blockSeconds: 0.7 },
      { blockSeconds: 0.25, wait: false },
    ]) {
      expect(plain((await play({ a: sound }, options)).detections)).toEqual(plain(slow.detections));
    }
  });

  it('reports an arrival before it says that its time is decided, and decides to the end', async () => {
    const told: { decided: bigint; onset: bigint }[] = [];
    let decided = 0n;
    const listener = new Listener({
      site: SITE,
      classifier,
      sink: {
        onDetection: ({ state, arrivals }) => {
          const latest = arrivals[arrivals.length - 1];
          if (latest && state !== 'closed') told.push({ decided, onset: latest.timeNanos });
        },
        onDecided: (_pole, through) => {
          expect(through >= decided).toBe(true);
          decided = through;
        },
      },
    });
    const sound = shots([0.4, 1.2, 3.1], 4);
    for (let from = 0; from < sound.length; from += 1600) {
      await listener.accept('a', {
        startNanos: START + secondsToNanos(from / RATE),
        samples: sound.subarray(from, from + 1600),
        afterBreak: from === 0,
        filledSamples: 0,
      });
    }
    await listener.endFeed('a');
    expect(told.length).toBeGreaterThanOrEqual(3);
    for (const one of told) expect(one.onset >= one.decided).toBe(true);
    expect(decided).toBe(START + secondsToNanos(4));
  });

  it('finds a shot in a recording of 0.3 s, and in the first second of a longer one', async () => {
    for (const [at, seconds] of [
      [0.1, 0.3],
      [0.2, 3],
    ]) {
      const { detections } = await play({ a: shots([at], seconds) });
      expect(Math.min(...arrivalsOf(detections).map((t) => Math.abs(t - at)))).toBeLessThan(0.002);
    }
  });

  it.each<[string, Float32Array]>([
    ['silence', new Float32Array(4 * RATE)],
    ['DC', new Float32Array(4 * RATE).fill(0.4)],
    ['steady noise', noise(4, 0.01, 77)],
    ['NaN', new Float32Array(2 * RATE).fill(NaN)],
  ])('makes nothing of %s but decides it', async (_name, sound) => {
    const { detections, decided } = await play({ a: sound });
    expect(detections.filter(({ state }) => state !== 'weak')).toEqual([]);
    expect(decided.at(-1)).toBe(START + BigInt(sound.length) * 62_500n);
  });

  it('starts afresh after a break: no onset at its edges, times right behind it', async () => {
    const loud = noise(3, 0.05, 12);
    const quiet = noise(3, 0.0005, 13);
    addShot(loud, 2.4, 0.6);
    const sound = new Float32Array(6 * RATE);
    sound.set(quiet);
    sound.set(loud, 3 * RATE);
    const { detections } = await play({ a: sound }, { breakAt: 3 });
    const arrivals = arrivalsOf(detections).filter((t) => t > 2.5);
    expect(arrivals.some((t) => Math.abs(t - 4) < 0.2)).toBe(false);
    expect(Math.min(...arrivals.map((t) => Math.abs(t - (3 + 1 + 2.4))))).toBeLessThan(0.002);
  });

  it('counts as many patches of the grid whatever is heard, also where one judges an onset', async () => {
    // Pole a's patches of the grid end 0.375 s into each second. So does the own patch of an onset 2.05 s into the minute; that
    // of one at 1.68 s ends at 2 s and is one more.
    const [quiet, onGrid, beside] = await Promise.all(
      [[], [1.92], [1.55]].map(async (at) => (await play({ a: shots(at, 4) })).patches),
    );
    expect(onGrid).toEqual(quiet);
    expect(beside['routine']).toBe(quiet['routine']);
    expect(beside['onset']).toBeGreaterThan(0);
  });

  it('hears each pole for itself, and ignores a pole that the site does not know', async () => {
    const sound = shots([1.2], 3);
    const both = await play({ a: sound, b: noise(3, 0.001, 9), stranger: sound });
    expect(new Set(both.detections.map(({ pole }) => pole))).toEqual(new Set(['a']));
    const alone = await play({ a: sound });
    expect(plain(both.detections)).toEqual(plain(alone.detections));
  });
});
