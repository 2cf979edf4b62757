import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { decodeFrame, encodeFrame } from '../../src/audio/index.js';
import { ClameurError, parseScene, parseService, parseSite, parseWeather } from '../../src/config/index.js';
import { noFeedCounters, openRecording } from '../../src/feeds/index.js';
import { encoderDelay } from '../../src/feeds/mp3-delay.js';
import { endsProperly } from '../../src/feeds/ogg-end.js';
import { PoleFeed } from '../../src/feeds/pole-feed.js';
import { isSignedBy, readPublicKey } from '../../src/feeds/signature.js';
import { readWavLayout } from '../../src/feeds/wav.js';
import { composeEvent, incidentFromData, openIncidents, readEvent } from '../../src/publish/index.js';
import { parseVerdict, readVerdict } from '../../src/review/verdict.js';
import { accessFor } from '../../src/server/auth/access-table.js';
import { parseTokens, startServer, type RunningServer } from '../../src/server/index.js';
import { parseSceneSpec } from '../../src/simulate/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { CONTEXT, gunshot, step } from '../publish/incidents.js';
import { STATE } from '../server/state.js';
import { damaged, damagedJson, strangeFrame } from './arbitraries.js';

/** Something that reads what others send. `share`: of all runs. */
export interface Target<T = unknown> {
  name: string;
  share: number;
  input: fc.Arbitrary<T>;
  /** Throws only what it may; gives false where what it made of the input is wrong. */
  run(input: T): boolean | void | Promise<boolean | void>;
  close?(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const site = json('fixtures/site.geojson');
const event = composeEvent(step('detected', gunshot()), CONTEXT);
const good = encodeFrame({
  encoding: 'int16',
  sampleRateHz: 16_000,
  sequence: 7,
  startNanos: 1_790_000_000_000_000_000n,
  channels: [Float32Array.from({ length: 40 }, (_, i) => Math.sin(i))],
});

function target<T>(
  name: string,
  share: number,
  input: fc.Arbitrary<T>,
  run: (input: T) => boolean | void | Promise<boolean | void>,
  close?: () => Promise<void>,
): Target {
  return { name, share, input, run, ...(close && { close }) } as Target;
}

/** A reader may refuse by an error of the table, which names the thing and the mend. */
function refusing(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ClameurError)) throw error;
    if (/\{\w+\}/.test(error.message)) throw new Error(`a message with a hole: ${error.message}`);
  }
}

const jsonText = (valid: readonly unknown[]) =>
  fc.oneof(
    damagedJson(valid).map((value) => JSON.stringify(value) ?? ''),
    damaged(valid.map((value) => new TextEncoder().encode(JSON.stringify(value)))).map((bytes) =>
      new TextDecoder().decode(bytes),
    ),
  );

export async function targets(): Promise<Target[]> {
  return [
    target('frames', 0.3, damaged([good]), (bytes) => {
      const frame = decodeFrame(bytes);
      if (typeof frame === 'string') return;
      return (
        frame.pcm.length === frame.channels * frame.samplesPerChannel && frame.pcm.every(Number.isFinite)
      );
    }),
    poleFeed(),
    target('site.geojson', 0.1, damagedJson([site, json('fixtures/demo/site.geojson')]), (value) =>
      refusing(() => parseSite(value)),
    ),
    target('scene.json', 0.05, damagedJson([json('fixtures/demo/scene.json')]), (value) =>
      refusing(() => parseScene(value)),
    ),
    target(
      'scene specification',
      0.02,
      damagedJson([{ seconds: 3, sources: [{ kind: 'gunshot', at: [5.37, 43.29], time: 1 }] }]),
      (value) => refusing(() => parseSceneSpec(value)),
    ),
    target(
      'weather',
      0.05,
      damagedJson([{ temperatureC: 20, windSpeed: 3, windFromDegrees: 270 }]),
      (value) => refusing(() => parseWeather(value)),
    ),
    target('service YAML', 0.05, yamlText(), (text) => refusing(() => parseService(text, 'fuzz.yaml'))),
    target(
      'tokens',
      0.03,
      damaged([new TextEncoder().encode(`- { name: a, role: viewer, sha256: ${'0'.repeat(64)} }\n`)]),
      (bytes) => refusing(() => parseTokens(new TextDecoder().decode(bytes), 'fuzz')),
    ),
    target('CloudEvents', 0.1, jsonText([event]), (text) => {
      const read = readEvent(text);
      if (!read) return;
      refusing(() => incidentFromData(read.data));
      openIncidents([read]);
    }),
    target(
      'verdicts',
      0.1,
      jsonText([{ incidentId: 'a', verdict: 'dismissed', reason: 'fireworks' }]),
      (text) => {
        readVerdict(text);
        refusing(() => {
          let value: unknown;
          try {
            value = JSON.parse(text);
          } catch {
            return;
          }
          parseVerdict(value);
        });
      },
    ),
    target(
      'signatures',
      0.04,
      fc.tuple(fc.base64String(), fc.string(), damaged([good])),
      ([text, subject, payload]) => {
        const { publicKey } = generateKeyPair;
        try {
          readPublicKey(text);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
        return !isSignedBy(publicKey, subject, payload, text);
      },
    ),
    target(
      'access',
      0.04,
      fc.tuple(fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'TRACE', ''), fc.webPath()),
      ([method, path]) => {
        const access = accessFor(method, `/api/v1${path}`);
        return access !== 'anyone' || /session\/*$/i.test(path);
      },
    ),
    ...headers(),
    await recordings(),
    await rest(),
  ];
}

const generateKeyPair = generateKeyPairSync('ed25519');

/** Whole frames with any time: the feed gives blocks that are finite, and goes on. */
function poleFeed(): Target {
  const [pole] = parseSite(site).poles;
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

function yamlText(): fc.Arbitrary<string> {
  const valid = [
    {
      site: 'a.geojson',
      nats: { servers: ['nats://a:1'] },
      http: { port: 1 },
      locate: { weather: { temperatureC: 3 } },
    },
    {
      listen: { thresholds: { gunshot: { on: 0.4 } } },
      log: { level: 'info' },
      outbox: { maxMessages: 1000 },
    },
  ];
  const bombs = [
    'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]',
    '!!js/function "x"',
    '? ? ?',
    'a: *b',
    '<<: {a: 1}',
    '- '.repeat(500),
  ];
  return fc.oneof(
    damagedJson(valid).map((value) => stringify(value)),
    damaged(valid.map((value) => new TextEncoder().encode(stringify(value)))).map((bytes) =>
      new TextDecoder().decode(bytes),
    ),
    fc.constantFrom(...bombs),
  );
}

const audio = ['click.ogg', 'click.mp3', 'click.flac', 'click-22050.mp3'].map((name) =>
  readFileSync(join(root, 'test/feeds/audio', name)),
);
function wav(): Buffer {
  const bytes = Buffer.alloc(44 + 640);
  bytes.write('RIFF', 0, 'latin1').toString();
  bytes.writeUInt32LE(36 + 640, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  for (const [at, value] of [
    [16, 16],
    [24, 16_000],
    [28, 32_000],
  ] as const)
    bytes.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    bytes.writeUInt16LE(value, at);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(640, 40);
  return bytes;
}

function headers(): Target[] {
  return [
    target('WAV headers', 0.04, damaged([wav()]), (bytes) => {
      const layout = readWavLayout(bytes);
      return !layout || (layout.bytesPerFrame > 0 && layout.sampleRateHz > 0);
    }),
    target('MP3 and Ogg headers', 0.02, damaged(audio.map((one) => one.subarray(0, 400))), (bytes) => {
      encoderDelay(bytes);
      endsProperly(bytes);
    }),
  ];
}

/** Whole files through the decoder, as an upload or a technician's recording. Slow, so few of them. */
async function recordings(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-fuzz-'));
  return target(
    'recordings',
    0.0005,
    fc.tuple(damaged([wav(), ...audio]), fc.constantFrom('wav', 'flac', 'ogg', 'mp3')),
    async ([bytes, kind]) => {
      const path = join(folder, `fuzz.${kind}`);
      await writeFile(path, bytes);
      try {
        const recording = await openRecording(path);
        for await (const [first] of recording.pieces()) if (!first.every(Number.isFinite)) return false;
      } catch (error) {
        if (!(error instanceof ClameurError)) throw error;
      }
      return true;
    },
  );
}

/** Requests to a running server: always an answer, never a 500, and nothing for strangers but what is open. */
async function rest(): Promise<Target> {
  const verdict = (input: unknown) => Promise.resolve().then(() => parseVerdict(input) as never);
  const server: RunningServer = await startServer(
    { ...STATE, verdict },
    { host: '127.0.0.1', port: 0, log: silentLogger(), requestsPerMinute: 1_000_000, anonymous: 'none' },
  );
  const request = fc.record({
    path: fc.oneof(
      fc.webPath(),
      fc.webPath().map((path) => `/api/v1${path}`),
      fc.constantFrom(
        '/api/v1/session',
        '/api/v1/incidents/x/verdict',
        '/%00',
        '/..%2f..',
        '//',
        '/api/v1/status?token=x',
      ),
    ),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
    authorization: fc.oneof(
      fc.constant(undefined),
      fc.base64String().map((text) => `Bearer ${text}`),
      fc.constant('Basic eA=='),
    ),
    cookie: fc.oneof(
      fc.constant(undefined),
      fc.base64String().map((text) => `clameur_session=${text}`),
    ),
    type: fc.constantFrom('application/json', 'text/plain', 'multipart/form-data; boundary=x', ''),
    body: fc.oneof(fc.json(), fc.string()),
  });
  return target(
    'REST',
    0.002,
    request,
    async ({ path, method, authorization, cookie, type, body }) => {
      const answer = await fetch(`${server.url}${path.startsWith('/') ? path : `/${path}`}`, {
        method,
        headers: {
          'content-type': type || 'x/y',
          ...(authorization && { authorization }),
          ...(cookie && { cookie }),
        },
        ...(method !== 'GET' && method !== 'HEAD' && { body }),
      });
      await answer.arrayBuffer();
      if (answer.status >= 500) return false;
      const { pathname } = new URL(answer.url);
      return (
        !pathname.startsWith('/api/v1/') ||
        /session/.test(pathname) ||
        [401, 404, 405, 429].includes(answer.status)
      );
    },
    () => server.close(),
  );
}
