import { describe, expect, it } from 'vitest';
import { sharesOf } from '../../src/cli/bench/load-profile.js';
import { loadTotals } from '../../src/cli/bench/load-report.js';
import { FRAME_PARTS, measureFrameParts } from '../../src/cli/bench/parts-measure.js';
import { FrameRig } from '../../src/cli/bench/parts-rig.js';
import { utcNow } from '../../src/cli/stage-clock.js';
import { decodeFrame } from '../../src/audio/index.js';
import { loadModel } from '../../src/listen/index.js';
import { Random } from '../../src/simulate/index.js';

describe('the parts of the frame path', () => {
  const rig = (feeds: number) => new FrameRig(feeds, new Random('parts'), 1_000_000_000_000n);

  it('are fed with frames that follow each other, at odd addresses too', () => {
    const one = rig(3);
    const seen: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      one.next();
      for (const payload of one.payloads) {
        const frame = decodeFrame(payload);
        if (typeof frame === 'string') throw new Error(frame);
        seen.push([frame.sequence, frame.startNanos, frame.samplesPerChannel]);
      }
    }
    expect(one.payloads.map(({ byteOffset }) => byteOffset)).toEqual([0, 1, 0]);
    const [first, second] = [1_000_000_000_000n, 1_000_100_000_000n];
    expect(seen).toEqual([...Array(3).fill([0, first, 1600]), ...Array(3).fill([1, second, 1600])]);
  });

  it('each have a cost, and so has the whole way', async () => {
    const one = new FrameRig(8, new Random('parts'), utcNow());
    const costs = measureFrameParts(one, await loadModel(process.env['CLAMEUR_MODEL_PATH']), 60);
    expect([...costs.keys()]).toEqual([...FRAME_PARTS]);
    for (const cost of costs.values()) expect(cost).toBeGreaterThanOrEqual(0);
    expect(costs.get('way')).toBeGreaterThan(0);
  });
});

it('a profile’s time goes to parts, without what was idle', () => {
  const frame = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url } });
  const profile = {
    nodes: [
      frame(1, '(idle)', ''),
      frame(2, 'run', 'file:///x/node_modules/onnxruntime-node/dist/backend.js'),
      frame(3, 'push', 'file:///x/dist/listen/onset.js'),
      frame(4, 'wasm-function[0]', 'wasm://wasm/1'),
      frame(5, '(garbage collector)', ''),
    ],
    samples: [1, 2, 3, 4, 5],
    timeDeltas: [900, 50, 20, 20, 10],
  };
  expect(sharesOf([profile])).toEqual({ model: 0.5, onsets: 0.4, 'garbage collector': 0.1 });
});

it('a load is charged for its steady part, and for no wall time', () => {
  const figures = {
    rssBytes: 0,
    heapBytes: 0,
    framesDropped: 0,
    patches: 0,
    patchesDropped: 0,
    shed: 0,
    onsets: 0,
  };
  const totals = loadTotals({
    feeds: 200,
    soundSeconds: 30,
    costSeconds: 20,
    pace: { frames: 60_000, latestSeconds: 0.01 },
    before: { ...figures, cpuSeconds: 1, frames: 0 },
    warmed: { ...figures, cpuSeconds: 9, frames: 20_000 },
    after: { ...figures, cpuSeconds: 13, frames: 60_000 },
    matched: { outcomes: [], spurious: [] },
    thresholds: {},
    startNanos: 0n,
  });
  expect(totals).toMatchObject({ cores: 0.2, feedsPerCore: 1000, dropped: 0, failures: [] });
});
