import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SceneFeed, type Scene } from '../../src/feeds/index.js';
import { wavFile } from '../support/wav.js';
import { Listening } from './listening.js';
import { Tally } from './tally.js';

const folder = mkdtempSync(join(tmpdir(), 'clameur-feed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Track {
  pole: string;
  bytes: Uint8Array;
  startNanos?: bigint;
  microphones?: [number, number, number][];
}

function scene(...tracks: Track[]): Scene {
  return {
    name: 'test',
    truth: [],
    site: {
      site: 'port',
      poles: tracks.map(({ pole, microphones }) => ({
        pole,
        position: [5.37, 43.29],
        altitudeMeters: 0,
        recorded: true,
        positionUncertaintyMeters: 1,
        ...(microphones && { microphones }),
      })),
    },
    recordings: tracks.map(({ pole, bytes, startNanos = 1_000_000_000n }) => {
      const file = join(folder, `${pole}-${bytes.length}.wav`);
      writeFileSync(file, bytes);
      return { pole, file, startNanos };
    }),
  };
}

const tone = (rateHz: number, seconds: number, hz = 440) =>
  Float32Array.from({ length: rateHz * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rateHz));

describe('the recordings of a scene', () => {
  test.each([8000, 12000, 16000, 44100, 48000, 96000, 192000])(
    'at %i Hz come out at 16 kHz, each sample at its time',
    async (rate) => {
      const heard = new Listening();
      await new SceneFeed(scene({ pole: 'p1', bytes: wavFile(rate, [tone(rate, 1)]) })).start(heard);
      const samples = heard.samplesOf('p1');
      expect(samples).toHaveLength(16000);
      const wanted = tone(16000, 1);
      const worst = samples
        .slice(400, -400)
        .reduce((max, v, i) => Math.max(max, Math.abs(v - wanted[i + 400])), 0);
      expect(worst).toBeLessThan(2e-4);
      let next = 1_000_000_000n;
      for (const block of heard.of('p1')) {
        expect(block.startNanos).toBe(next);
        next += BigInt(block.samples.length) * 62_500n;
      }
    },
  );

  test('hold nothing of a 10 kHz tone, which would fold to 6 kHz', async () => {
    const heard = new Listening();
    await new SceneFeed(
      scene({ pole: 'p1', bytes: wavFile(48000, [tone(48000, 1, 10_000)], 'float32') }),
    ).start(heard);
    const rest = heard.samplesOf('p1').slice(800, -800);
    expect(10 * Math.log10(rest.reduce((sum, v) => sum + v * v, 0) / rest.length / 0.125)).toBeLessThan(-90);
  });

  test('of several poles come in the order of their times', async () => {
    const heard = new Listening();
    const bytes = wavFile(16000, [tone(16000, 0.5)]);
    const later = wavFile(16000, [tone(16000, 0.3)]);
    await new SceneFeed(
      scene({ pole: 'p1', bytes }, { pole: 'p2', bytes: later, startNanos: 1_250_000_000n }),
    ).start(heard);
    expect(heard.blocks.map(({ pole }) => pole).join(' ')).toBe('p1 p1 p1 p2 p1 p2 p1 p2');
    expect(heard.told).toEqual(['p1 waiting', 'p2 waiting', 'p1 live', 'p2 live', 'p1 ended', 'p2 ended']);
  });

  test('wait for a slow listener, and tell how far they are', async () => {
    let busy = 0;
    const progress: [number, number][] = [];
    const bytes = wavFile(16000, [tone(16000, 0.5)]);
    const feed = new SceneFeed(scene({ pole: 'p1', bytes }, { pole: 'p2', bytes }), {
      onProgress: (done, total) => progress.push([done, total]),
    });
    await feed.start({
      async onBlock() {
        expect(++busy).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 2));
        busy--;
      },
      onState() {},
      onEnd() {},
    });
    expect(progress.at(-1)![0]).toBeCloseTo(1, 9);
    expect(progress.at(-1)![1]).toBe(1);
  });

  test('played at a speed do not come before they would have been heard', async () => {
    const started = performance.now();
    let first = 0;
    await new SceneFeed(scene({ pole: 'p1', bytes: wavFile(16000, [tone(16000, 1)]) }), { speed: 5 }).start({
      onBlock() {
        first ||= performance.now();
      },
      onState() {},
      onEnd() {},
    });
    expect(performance.now() - first).toBeGreaterThan(900 / 5 - 5);
    expect(first).toBeGreaterThan(started);
  });

  test('can be stopped in the middle', async () => {
    const heard = new Listening();
    const feed = new SceneFeed(scene({ pole: 'p1', bytes: wavFile(16000, [tone(16000, 3)]) }), { speed: 1 });
    heard.onState = (_, state) => void (state === 'live' && setImmediate(() => void feed.stop()));
    await feed.start(heard);
    expect(heard.samplesOf('p1').length).toBeLessThan(16000);
    expect(heard.told).toEqual(['p1 ended']);
  });

  test('of one pole that cannot be read leave the others as they are', async () => {
    const heard = new Listening();
    const tally = new Tally();
    const good = wavFile(16000, [tone(16000, 0.5)]);
    const feed = new SceneFeed(
      scene({ pole: 'p1', bytes: good.subarray(0, 3000) }, { pole: 'p2', bytes: good }),
      { counters: tally },
    );
    await feed.start(heard);
    expect(heard.samplesOf('p2')).toHaveLength(8000);
    expect(heard.told.find((line) => line.startsWith('p1 failed'))).toMatch(/p1-3000\.wav: cut short/);
    expect(feed.failures).toHaveLength(1);
    expect(tally.drops).toEqual({ unreadable: 1 });
  });

  test('of which none can be read are an error', async () => {
    const feed = new SceneFeed(scene({ pole: 'p1', bytes: Buffer.from('no sound') }));
    await expect(feed.start(new Listening())).rejects.toMatchObject({ code: 'RECORDING_UNREADABLE' });
  });

  test('that hold a NaN lose 100 ms, marked as a gap, and go on', async () => {
    const sound = tone(16000, 1);
    sound[4000] = NaN;
    const heard = new Listening();
    const tally = new Tally();
    await new SceneFeed(scene({ pole: 'p1', bytes: wavFile(16000, [sound], 'float32') }), {
      counters: tally,
    }).start(heard);
    expect(tally).toMatchObject({ drops: { not_finite: 1 }, events: { gap_filled: 1 } });
    expect(heard.of('p1').map(({ filledSamples }) => filledSamples)).toEqual([0, 0, 1600, 0, 0, 0, 0, 0, 0]);
    expect(heard.samplesOf('p1')).toHaveLength(16000);
  });

  test('of several channels are averaged, but of several microphones kept apart', async () => {
    const bytes = wavFile(16000, [new Float32Array(1600).fill(0.5), new Float32Array(1600)]);
    const heard = new Listening();
    await new SceneFeed(
      scene(
        { pole: 'p1', bytes },
        {
          pole: 'p2',
          bytes,
          microphones: [
            [0, 0, 0],
            [0.1, 0, 0],
          ],
        },
      ),
    ).start(heard);
    expect(heard.of('p1')[0].channels).toBeUndefined();
    expect(heard.of('p1')[0].samples[800]).toBe(0.25);
    expect(heard.of('p2')[0].channels!.map((channel) => channel[800])).toEqual([0.5, 0]);
    expect(heard.of('p2')[0]).toMatchObject({ channelRateHz: 16000 });
    expect(heard.of('p2')[0].samples[800]).toBe(0.5);
  });
});
