import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { decodeFrame, encodeFrame } from '../../src/audio/index.js';
import { parseSite } from '../../src/config/index.js';
import { noFeedCounters } from '../../src/feeds/index.js';
import { PoleFeed } from '../../src/feeds/pole-feed.js';
import { isSignedBy, readPublicKey } from '../../src/feeds/signature.js';
import { composeEvent, incidentFromData, openIncidents, readEvent } from '../../src/publish/index.js';
import { decodeDetection, decodeReport, encodeDetection } from '../../src/relay/index.js';
import { parseVerdict, readVerdict } from '../../src/review/verdict.js';
import { CONTEXT, gunshot, step } from '../publish/incidents.js';
import { damaged, damagedJson, strangeFrame } from './arbitraries.js';
import { json, jsonText, refusing, target, type Target } from './target.js';

const event = composeEvent(step('detected', gunshot()), CONTEXT);
const good = encodeFrame({
  encoding: 'int16',
  sampleRateHz: 16_000,
  sequence: 7,
  startNanos: 1_790_000_000_000_000_000n,
  channels: [Float32Array.from({ length: 40 }, (_, i) => Math.sin(i))],
});
const time = '2026-09-21T14:13:20.000000000Z';
const detection = {
  detectionId: 'a',
  pole: 'quai-1',
  class: 'gunshot',
  state: 'open',
  onset: time,
  arrivals: [{ time, onsetUncertaintySeconds: 0.001, levelDb: 90, strengthDb: 20, scores: { gunshot: 0.9 } }],
  score: 0.9,
  scores: { gunshot: 0.9, door: 0.1 },
  levelDb: 90,
  snrDb: 30,
  listener: 'one',
  sequence: 1,
};
const report = {
  listener: 'one',
  exercise: false,
  sent: 4,
  base: '1790000000000000000',
  poles: { 'quai-1': { d: 0, state: 'live', live: true, clock: null } },
};

/** What comes over NATS. */
export function messageTargets(): Target[] {
  return [
    target('frames', 0.25, damaged([good]), (bytes) => {
      const frame = decodeFrame(bytes);
      if (typeof frame === 'string') return;
      return (
        frame.pcm.length === frame.channels * frame.samplesPerChannel && frame.pcm.every(Number.isFinite)
      );
    }),
    poleFeed(),
    target('CloudEvents', 0.1, jsonText([event]), (text) => {
      const read = readEvent(text);
      if (!read) return;
      refusing(() => incidentFromData(read.data));
      openIncidents([read]);
    }),
    target('detections', 0.04, jsonText([detection]), (text) => {
      const read = decodeDetection(text);
      if (!read) return;
      const again = encodeDetection(read);
      return encodeDetection(decodeDetection(again)!) === again;
    }),
    target('listeners’ reports', 0.02, jsonText([report]), (text) => void decodeReport(text)),
    verdicts(),
    signatures(),
  ];
}

function verdicts(): Target {
  const valid = [{ incidentId: 'a', verdict: 'dismissed', reason: 'fireworks', note: 'x' }];
  const input = fc.oneof(
    jsonText(valid),
    damagedJson(valid).map((value) => JSON.stringify(value) ?? ''),
  );
  return target('verdicts', 0.08, input, (text) => {
    readVerdict(text);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    refusing(() => parseVerdict(value));
  });
}

function signatures(): Target {
  const { publicKey } = generateKeyPairSync('ed25519');
  return target(
    'signatures',
    0.04,
    fc.tuple(fc.base64String(), fc.string(), damaged([good])),
    ([text, subject, payload]) => {
      try {
        readPublicKey(text);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      return !isSignedBy(publicKey, subject, payload, text);
    },
  );
}

/** Whole frames with any time: the feed gives blocks that are finite, and goes on. */
function poleFeed(): Target {
  const [pole] = parseSite(json('fixtures/site.geojson')).poles;
  return target(
    'a pole’s frames in time',
    0.05,
    fc.array(strangeFrame, { minLength: 1, maxLength: 12 }),
    (frames) => {
      let seconds = 0;
      const feed = new PoleFeed(pole, {
        counters: noFeedCounters,
        monotonicSeconds: () => (seconds += 0.1),
        nowNanos: () => 1_790_000_000_000_000_000n,
        onState: () => undefined,
      });
      for (const frame of frames) {
        for (const block of feed.accept('audio.s.p', frame, undefined)) {
          if (block.samples.length > 16_000 * 8) return false;
          for (const sample of block.samples) if (!Number.isFinite(sample)) return false;
        }
        feed.tick();
      }
      feed.wipe();
      return true;
    },
  );
}
