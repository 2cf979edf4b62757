import { deflateRawSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { Matcher, pearson } from '../../src/cli/privacy/matcher.js';
import { matchersOf, type FedSound } from '../../src/cli/privacy/fed.js';
import { search } from '../../src/cli/privacy/search.js';
import { spokenWords } from '../../src/cli/privacy/speech.js';
import { binomialQuantile, wordTest, type Observation } from '../../src/cli/privacy/words.js';
import { Random } from '../../src/simulate/index.js';

const RATE_HZ = 16_000;
let fed: FedSound;
let matchers: ReturnType<typeof matchersOf>;
let spoken: ReturnType<typeof spokenWords>;

beforeAll(() => {
  spoken = spokenWords({ seed: 'search', words: 4, times: 3, sampleRateHz: RATE_HZ });
  fed = { pole: 'belges', sampleRateHz: RATE_HZ, samples: spoken.samples };
  matchers = matchersOf([fed]);
});

/** Two seconds of what was fed, from somewhere in it, as loud as it goes. */
const part = (): Float32Array => {
  const samples = fed.samples.slice(3 * RATE_HZ + 77, 5 * RATE_HZ + 77);
  const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return samples.map((x) => x / peak);
};
const int16 = (scale = 32767): Buffer => Buffer.from(Int16Array.from(part(), (x) => x * scale).buffer);
const hay = (needle: Buffer | string): Buffer => {
  const random = new Random('hay');
  const noise = Buffer.from(Uint8Array.from({ length: 9_999 }, () => random.int(0, 255)));
  return Buffer.concat([Buffer.from('{"level":"info"}\n'.repeat(50)), noise, Buffer.from(needle), noise]);
};

const stereo = (left: Float32Array): Buffer =>
  Buffer.from(
    Int16Array.from({ length: 2 * left.length }, (_, i) => (i % 2 ? 0 : left[i >> 1] * 32767)).buffer,
  );

/** An independent log-mel front end: plain DFT, 40 triangles, 25 ms every 10 ms. */
function logMel(samples: Float32Array): Float32Array[] {
  const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
  const rows: Float32Array[] = [];
  for (let at = 0; at + 400 <= samples.length; at += 160) {
    const power = new Float64Array(201);
    for (let k = 0; k <= 200; k++) {
      let [re, im] = [0, 0];
      for (let n = 0; n < 400; n++) {
        const x = samples[at + n] * (0.54 - 0.46 * Math.cos((2 * Math.PI * n) / 399));
        re += x * Math.cos((2 * Math.PI * k * n) / 400);
        im -= x * Math.sin((2 * Math.PI * k * n) / 400);
      }
      power[k] = re * re + im * im;
    }
    const top = mel(8_000);
    rows.push(
      Float32Array.from({ length: 40 }, (_, band) => {
        let sum = 0;
        power.forEach((p, k) => {
          const place = (mel(k * 40) / top) * 41 - band;
          sum += p * Math.max(0, 1 - Math.abs(place - 1));
        });
        return Math.log(sum + 1e-9);
      }),
    );
  }
  return rows;
}

describe('sound is found in whatever clothes it goes', () => {
  test.each<[string, () => Buffer | string]>([
    ['16-bit samples', () => int16()],
    ['16-bit samples, 30 dB down', () => int16(1000)],
    ['at an odd address', () => Buffer.concat([Buffer.from('x'), int16()])],
    ['floats', () => Buffer.from(new Float32Array(part()).buffer)],
    ['8 bits', () => Buffer.from(Int8Array.from(part(), (x) => Math.round(x * 120)).buffer)],
    ['base64 in JSON', () => JSON.stringify({ note: int16().toString('base64') })],
    ['hex', () => int16().toString('hex')],
    ['numbers in JSON', () => JSON.stringify([...Int16Array.from(part(), (x) => x * 32767)])],
    ['gzip', () => gzipSync(int16())],
    ['gzip in base64', () => `"${gzipSync(int16()).toString('base64')}"`],
    [
      'half the rate',
      () => Buffer.from(Int16Array.from(part(), (x) => x * 32767).filter((_, i) => i % 2 === 0).buffer),
    ],
    ['one channel of two', () => stereo(part())],
  ])('%s', (_what, leak) => {
    expect(search('a file', hay(leak()), matchers)).toMatchObject({ channel: 'a file', kind: 'sound' });
  });

  test('compressed from the first byte on', () => {
    expect(search('a file', deflateRawSync(int16()), matchers)).toMatchObject({ kind: 'sound' });
  });
});

describe('a series of features is found', () => {
  test('a spectrogram of another front end, as floats', () => {
    const rows = logMel(fed.samples.subarray(RATE_HZ, 8 * RATE_HZ));
    const table = Buffer.concat(rows.map((row) => Buffer.from(row.buffer)));
    expect(search('a file', table, matchers)).toMatchObject({ kind: 'feature series' });
  });

  test('a level every 10 ms, one JSON line each, among other numbers', () => {
    const lines: string[] = [];
    for (let at = 0; at + 400 <= fed.samples.length; at += 160) {
      const power = fed.samples.subarray(at, at + 400).reduce((sum, x) => sum + x * x, 0);
      lines.push(JSON.stringify({ time: 1_700_000_000 + at, level: 10 * Math.log10(power + 1e-9), of: 3 }));
    }
    expect(search('the log', hay(lines.join('\n')), matchers)).toMatchObject({ kind: 'feature series' });
  });
});

test('what a service may say is not taken for sound: counters, levels by the second, other people’s noise', () => {
  const random = new Random('innocent');
  const metrics = Array.from(
    { length: 3_000 },
    (_, i) => `clameur_frames_total{pole="p${i % 8}"} ${i * 10 + random.int(0, 9)}`,
  );
  const levels = Array.from({ length: 60 }, (_, s) => {
    const second = fed.samples.subarray(s * RATE_HZ, (s + 1) * RATE_HZ);
    return JSON.stringify({ levelDb: 10 * Math.log10(second.reduce((sum, x) => sum + x * x, 1e-9)) });
  });
  const other = spokenWords({ seed: 'somebody else', words: 4, times: 3, sampleRateHz: RATE_HZ }).samples;
  for (const innocent of [
    metrics.join('\n'),
    levels.join('\n'),
    hay(Buffer.from(new Float32Array(other).buffer)),
  ])
    expect(search('x', Buffer.from(innocent), matchers)).toBeUndefined();
});

test('one loud stretch after a quiet one is not taken for another, though both are a step', () => {
  const random = new Random('steps');
  const step = (place: number): Float32Array =>
    Float32Array.from({ length: 200 }, (_, i) => (i < place ? 0 : 30) + random.normal());
  const [one, same, other] = [step(90), new Float32Array(200), step(90)];
  one.forEach((value, i) => (same[i] = 3 * value + 0.5 * random.normal()));
  // As chance has it once in an hour: they begin alike.
  for (let i = 0; i < 30; i++) other[i] = one[i];
  const matcher = new Matcher({ bits: 20, length: 128, least: 0.93, capacity: 1024 });
  matcher.add('a word', one);
  expect(pearson(one, 0, other, 0, 128)).toBeGreaterThan(0.95);
  expect(matcher.find(other)).toBeUndefined();
  expect(matcher.find(same)).toMatchObject({ of: 'a word' });
});

describe('the word test', () => {
  const said = (tell: (word: number, random: Random) => number): Observation[] => {
    const random = new Random('words');
    return Array.from({ length: 96 }, (_, clip) => {
      const word = random.int(0, 3);
      return {
        word,
        clip,
        seen: new Map([
          ['x', tell(word, random)],
          ['y', random.next()],
        ]),
      };
    });
  };
  test('finds words that a number gives away, even faintly', () => {
    expect(wordTest(said((word, random) => word + random.normal() * 0.5)).passed).toBe(false);
  });
  test('and none in numbers that know nothing of them', () => {
    expect(wordTest(said((_word, random) => random.normal())).passed).toBe(true);
  });
  /** Fifteen rounds of the same clips, each with a number of its own, such as how loud it was. */
  const rounds = (seed: string, tell: (word: number, place: number, random: Random) => number) => {
    const random = new Random(seed);
    const order = Array.from({ length: 120 }, (_, i) => ({
      word: i % 8,
      at: random.next(),
      loud: random.next(),
    }));
    order.sort((a, b) => a.at - b.at);
    return Array.from({ length: 15 * order.length }, (_, i) => {
      const clip = i % order.length;
      const { word, loud } = order[clip];
      return { word, clip, seen: new Map([['x', tell(word, loud, random)]]) };
    });
  };
  test('does not take for words what comes again with each round', () => {
    const seeds = Array.from({ length: 10 }, (_, i) => `rounds ${i}`);
    const tests = seeds.map((seed) => wordTest(rounds(seed, (_word, loud) => loud)));
    expect(tests.map(({ passed }) => passed)).toEqual(seeds.map(() => true));
    const narrow = binomialQuantile(tests[0].said, 1 / 8, 0.001);
    expect(
      tests.some(({ right }) => right > narrow),
      'the binomial law alone would',
    ).toBe(true);
  });
  test('and finds the words in it all the same', () => {
    const tell = (word: number, loud: number, random: Random) => loud + (word + random.normal()) / 2;
    expect(wordTest(rounds('told', tell)).passed).toBe(false);
  });
  test('knows what chance can do', () => {
    // Binomial table (Abramowitz & Stegun 26.5): P(X > 9 | n = 20, p = 0.25) = 0.0139, P(X > 10) = 0.0039.
    expect(binomialQuantile(20, 0.25, 0.0139)).toBe(9);
    expect(binomialQuantile(20, 0.25, 0.0138)).toBe(10);
  });
});
