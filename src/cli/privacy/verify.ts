import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { encodeFrame } from '../../audio/index.js';
import { freePort } from '../demo-nats.js';
import { ensurePackages, findNatsServer } from '../debian.js';
import { matchersOf, type FedSound } from './fed.js';
import { longestHeld } from './memory.js';
import { search, type Leak } from './search.js';
import { SLOT_SECONDS } from './speech.js';
import type { Timeline } from './timeline.js';
import { sleep, WatchedService } from './watched-service.js';
import { wordTest, type Observation, type WordTest } from './words.js';

const FRAME_SECONDS = 0.1;
/** A feed counts as ended 2 s after its last frame; a busy machine may take a little longer to see it. */
const QUIET_MILLIS = 2_500;
const LONGEST_QUIET_MILLIS = 8_000;
/** Of what a ring holds (4 s at 16 kHz), what may be left by chance in memory that was given back: one frame and a half. */
const HELD_SAMPLES = 2_400;

export interface Check {
  name: string;
  passed: boolean;
  detail: string;
}

export interface VerifyOptions {
  site: string;
  siteName: string;
  timeline: Timeline;
  rounds: number;
  nodeArguments: readonly string[];
  log: (line: string) => void;
}

interface Seen {
  /** Events by when the sound was that they tell of, milliseconds since 1970. */
  onsets: number[];
  soundMessages: number;
}

/** Feeds the running service, keeps all that leaves it, and looks in it for what was fed. */
export async function verify(options: VerifyOptions): Promise<Check[]> {
  const { timeline, rounds, log } = options;
  const folder = await mkdtemp(join(tmpdir(), 'clameur-privacy-'));
  const nats = await startNats(join(folder, 'nats'), log);
  let service: WatchedService | undefined;
  let nc: NatsConnection | undefined;
  try {
    service = await WatchedService.start(folder, options.site, nats.port, options.nodeArguments);
    await service.ready();
    nc = await connect({ servers: `nats://127.0.0.1:${nats.port}` });
    const seen = witness(nc);
    await nc.flush();
    const observations: Observation[] = [];
    const speech: [number, number][] = [];
    let sent = 0;
    let during: number | undefined;
    for (let round = 0; round < rounds; round++) {
      log(
        `round ${round + 1} of ${rounds}: ${Math.round(timeline.seconds)} s of speech and shots to ${timeline.sounds.length} poles`,
      );
      const played = await play(
        nc,
        service,
        options.siteName,
        timeline,
        timeline.slotsOf(round),
        observations,
      );
      speech.push([played.startMillis - 200, played.startMillis + timeline.speechSeconds * 1000]);
      sent += played.frames;
      // It stands still while its memory is read: sound that it still holds would else be gone before it is looked for.
      service.child.kill('SIGSTOP');
      const held = await longestHeldOfAll(service.child.pid!, timeline.sounds);
      service.child.kill('SIGCONT');
      if (held !== undefined) during = Math.max(during ?? 0, held);
    }
    await service.look(timeline.sounds.map(({ pole }) => pole));
    log('no more sound: the feeds end');
    const after = await heldAfterwards(service.child.pid!, timeline.sounds);
    await nc.flush();
    await service.stop();
    await service.files();
    log('looking for the sound in what was kept');
    const bySpeech = seen.onsets.filter((onset) => speech.some(([from, to]) => onset >= from && onset <= to));
    return [
      heardCheck(seen, bySpeech.length),
      {
        name: 'speech alone, 60 to 90 dB, gives no incident',
        passed: bySpeech.length === 0,
        detail: `${bySpeech.length} events`,
      },
      relayCheck(seen.soundMessages, sent),
      strayCheck(service.strays),
      ...leakChecks(service, timeline, log),
      heldCheck(during, after),
      wordCheck(wordTest(observations)),
    ];
  } finally {
    await nc?.close();
    await service?.stop();
    nats.child.kill('SIGTERM');
    await new Promise((resolve) =>
      nats.child.exitCode === null ? nats.child.once('exit', resolve) : resolve(null),
    );
    await rm(folder, { recursive: true, force: true });
  }
}

async function startNats(store: string, log: (line: string) => void) {
  ensurePackages(['nats-server'], log);
  await mkdir(store, { recursive: true });
  const port = await freePort();
  const child = spawn(findNatsServer()!, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store], {
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 200; tries++) {
    const nc = await connect({ servers: `nats://127.0.0.1:${port}`, reconnect: false }).catch(
      () => undefined,
    );
    if (nc) {
      await nc.close();
      break;
    }
    await sleep(50);
  }
  return { port, child };
}

/** Hears every message of the account, as anybody with all rights would. */
function witness(nc: NatsConnection): Seen {
  const seen: Seen = { onsets: [], soundMessages: 0 };
  nc.subscribe('>', {
    callback: (_error, { subject, data }) => {
      if (/^(audio|exercise)\./.test(subject)) seen.soundMessages++;
      else if (subject.startsWith('events.')) {
        const event = JSON.parse(Buffer.from(data).toString()) as { data: { onset: string } };
        seen.onsets.push(Date.parse(event.data.onset));
      }
    },
  });
  return seen;
}

/** Sends one round at real pace; after each word an eavesdropper reads all that can be read. */
async function play(
  nc: NatsConnection,
  service: WatchedService,
  site: string,
  { sounds, order, seconds }: Timeline,
  slots: readonly number[],
  observations: Observation[],
): Promise<{ startMillis: number; frames: number }> {
  const startMillis = Date.now() + 200;
  const steps = Math.ceil(seconds / FRAME_SECONDS);
  const framesPerSlot = Math.round(SLOT_SECONDS / FRAME_SECONDS);
  let before = await service.metrics();
  let beforeMillis = Date.now();
  let frames = 0;
  for (let step = 0; step < steps; step++) {
    const wait = startMillis + (step + 1) * FRAME_SECONDS * 1000 - Date.now();
    if (wait > 0) await sleep(wait);
    const place = Math.floor(step / framesPerSlot);
    const source = (slots[place] ?? place) * framesPerSlot + (step % framesPerSlot);
    for (const { pole, sampleRateHz, samples } of sounds) {
      const from = Math.round(source * FRAME_SECONDS * sampleRateHz);
      const part = samples.subarray(from, Math.round((source + 1) * FRAME_SECONDS * sampleRateHz));
      if (part.length === 0) continue;
      const startNanos = BigInt(startMillis) * 1_000_000n + BigInt(step) * 100_000_000n;
      const frame = {
        encoding: 'int16',
        sampleRateHz,
        sequence: step,
        startNanos,
        clockUncertaintySeconds: 1e-5,
      } as const;
      nc.publish(`audio.${site}.${pole}`, encodeFrame({ ...frame, channels: [part] }));
      frames++;
    }
    if ((step + 1) % framesPerSlot !== 0) continue;
    const now = await service.metrics();
    const nowMillis = Date.now();
    if (place < slots.length)
      observations.push({
        word: order[slots[place]],
        clip: slots[place],
        seen: told(service, before, now, beforeMillis, nowMillis),
      });
    if (place % 10 === 9) await service.look(sounds.map(({ pole }) => pole));
    [before, beforeMillis] = [now, nowMillis];
  }
  await nc.flush();
  return { startMillis, frames };
}

/** Numbers: what every metric grew by, and how much was sent and logged, by subject and by message. */
function told(
  service: WatchedService,
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  fromMillis: number,
  toMillis: number,
): Map<string, number> {
  const seen = new Map<string, number>();
  const count = (name: string, by: number) => seen.set(name, (seen.get(name) ?? 0) + by);
  for (const [name, value] of now) {
    const grown = value - (before.get(name) ?? 0);
    if (Number.isFinite(grown)) seen.set(name, grown);
  }
  const log = service.capture.bytes('log', fromMillis, toMillis).toString();
  for (const [, message] of log.matchAll(/"msg":"([^"]{0,60})/g)) count(`log ${message}`, 1);
  const nats = service.capture.bytes('NATS', fromMillis, toMillis);
  count('NATS bytes', nats.length);
  for (const [, subject] of nats.toString('latin1').matchAll(/^H?PUB (\S+)/gm))
    count(`message ${subject}`, 1);
  return seen;
}

/** The last 5 s of each, more than a ring holds. */
function longestHeldOfAll(pid: number, sounds: readonly FedSound[]): Promise<number | undefined> {
  const last = ({ samples, sampleRateHz }: FedSound) => samples.subarray(samples.length - 5 * sampleRateHz);
  return longestHeld(pid, sounds.map(last));
}

async function heldAfterwards(pid: number, sounds: readonly FedSound[]): Promise<number | undefined> {
  await sleep(QUIET_MILLIS);
  for (const end = Date.now() + LONGEST_QUIET_MILLIS - QUIET_MILLIS; ; await sleep(500)) {
    const held = await longestHeldOfAll(pid, sounds);
    if (held === undefined || held <= HELD_SAMPLES || Date.now() > end) return held;
  }
}

function heardCheck({ onsets }: Seen, bySpeech: number): Check {
  const shots = onsets.length - bySpeech;
  return { name: 'the service listened: it told of the shots', passed: shots > 0, detail: `${shots} events` };
}

function relayCheck(seen: number, sent: number): Check {
  const detail = `${sent} frames sent to it, ${seen} on the subjects of sound`;
  return { name: 'no sound is sent on', passed: seen <= sent, detail };
}

function strayCheck(strays: ReadonlySet<string>): Check {
  const detail = strays.size === 0 ? 'its folder, NATS and HTTP' : [...strays].join('; ');
  return { name: 'it writes and speaks nowhere else', passed: strays.size === 0, detail };
}

function leakChecks(service: WatchedService, timeline: Timeline, log: (line: string) => void): Check[] {
  const matchers = matchersOf(differentSounds(timeline));
  const leaks: Leak[] = [];
  let bytes = 0;
  let channels = 0;
  for (const [channel, content] of service.capture.all()) {
    channels++;
    bytes += content.length;
    if (content.length > 200_000) log(`  ${channel}, ${(content.length / 1e6).toFixed(1)} MB`);
    const leak = search(channel, content, matchers);
    if (leak) leaks.push(leak);
  }
  const amount = `${channels} files, streams, pages and logs, ${(bytes / 1e6).toFixed(1)} MB`;
  return (['sound', 'feature series'] as const).map((kind) => {
    const found = leaks.filter((leak) => leak.kind === kind);
    const where = found.map(
      ({ channel, reading, match }) =>
        `${channel} (${reading}): ${match.of}, correlation ${match.correlation.toFixed(3)}`,
    );
    const name =
      kind === 'sound'
        ? 'no sample of it is in anything that left it'
        : 'no spectrogram or series of features either';
    return { name, passed: found.length === 0, detail: found.length === 0 ? amount : where.join('; ') };
  });
}

/** All poles hear the same speech, at other levels, which is one sound to a search that takes no account of level. */
function differentSounds({ sounds, speechSeconds }: Timeline): FedSound[] {
  return sounds.map((one, i) => {
    const from = i === 0 ? 0 : Math.round(speechSeconds * one.sampleRateHz);
    return { ...one, samples: one.samples.subarray(from) };
  });
}

function heldCheck(during: number | undefined, after: number | undefined): Check {
  const name = 'rings are zeroed when a feed ends';
  if (during === undefined || after === undefined)
    return {
      name,
      passed: false,
      detail: 'its memory cannot be read (/proc/<pid>/mem): run as the same user, with ptrace allowed',
    };
  const seconds = (samples: number) => `${(samples / 16_000).toFixed(2)} s`;
  return {
    name,
    // Had none been found while it listened, finding none afterwards would mean nothing.
    passed: during > HELD_SAMPLES && after <= HELD_SAMPLES,
    detail: `longest stretch in memory: ${seconds(during)} while it listens, ${seconds(after)} after`,
  };
}

function wordCheck({ words, said, right, most, passed, by }: WordTest): Check {
  const chance = (said / words).toFixed(0);
  return {
    name: 'words cannot be told from all that was published',
    passed,
    detail: `${right} of ${said} guessed right among ${words} words; chance is ${chance}, and more than ${most} would tell${passed ? '' : `; told by ${by.join(', ')}`}`,
  };
}
