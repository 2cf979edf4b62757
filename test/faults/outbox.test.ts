import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'nats';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventId, type CloudEvent } from '../../src/publish/index.js';
import { Random } from '../../src/simulate/index.js';
import { readEvents, until } from '../publish/hub.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { Link } from './link.js';

const SEED = process.env['SEED'] ?? String(Math.floor(Math.random() * 1e9));
const ROUNDS = Number(process.env['ROUNDS'] ?? 200);
/** Rounds on one server and one outbox; then everything is counted. */
const ROUNDS_A_CAMPAIGN = 25;
const STORE_MEGABYTES = 64;

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
let folder: string;
let incidents: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-faults-'));
  incidents = join(folder, 'incidents.mjs');
  const source = await readFile(file('../publish/incidents.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  await writeFile(incidents, outputText);
  process.stderr.write(`faults: SEED=${SEED} ROUNDS=${ROUNDS}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Publishing {
  process: ChildProcess;
  said: () => string[];
  errors: () => string;
}

function publish(url: string, data: string, first: number): Publishing {
  const args = [file('publisher-child.mjs'), incidents, url, data, String(first)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let [text, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  child.stderr.setEncoding('utf8').on('data', (more: string) => (errors += more));
  // The last line may be half written when the child is killed.
  const said = () =>
    text
      .split('\n')
      .slice(1, -1)
      .filter((line) => /^[abc]\.[0-9a-f]{16}$/.test(line));
  return { process: child, said, errors: () => errors };
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** One city: a server, a network, an outbox and the process that fills it. */
class Campaign {
  readonly made: string[] = [];
  readonly told: string[] = [];
  #child!: Publishing;
  #next = 1;

  private constructor(
    readonly nats: NatsServer,
    readonly link: Link,
    readonly data: string,
    readonly random: Random,
  ) {}

  static async begin(seed: string): Promise<Campaign> {
    const conf = join(folder, `${seed}.conf`);
    await writeFile(conf, `jetstream { max_file_store: ${STORE_MEGABYTES}MB, max_memory_store: 300MB }\n`);
    const nats = await startNatsServer(['-c', conf]);
    const link = await Link.open(nats.port);
    const data = join(folder, seed);
    await mkdir(data);
    const campaign = new Campaign(nats, link, data, new Random(seed));
    await campaign.#start();
    return campaign;
  }

  readonly faults: Record<string, () => Promise<void>> = {
    'NATS killed': async () => {
      await this.nats.kill();
      await pause(this.random.int(0, 300));
      await this.nats.restart();
    },
    'NATS frozen': async () => {
      process.kill(this.nats.pid!, 'SIGSTOP');
      await pause(this.random.int(50, 800));
      process.kill(this.nats.pid!, 'SIGCONT');
    },
    'NATS frozen, then killed': async () => {
      process.kill(this.nats.pid!, 'SIGSTOP');
      await pause(this.random.int(50, 300));
      await this.nats.kill();
      await this.nats.restart();
    },
    'a slow network': async () => this.#network('slow'),
    'a cut network': async () => this.#network('cut'),
    'a network that swallows': async () => this.#network('frozen'),
    'the process killed': async () => {
      await this.#kill();
      await this.#start();
    },
    'the process killed while it starts': async () => {
      await this.#kill();
      const short = publish(this.link.url, this.data, this.#next);
      this.#next += 1000;
      await pause(this.random.int(100, 700));
      short.process.kill('SIGKILL');
      await once(short.process, 'close');
      this.made.push(...short.said());
      await this.#start();
    },
    'the process killed and a torn write at the outbox’s end': async () => {
      await this.#kill();
      const logs = (await readdir(join(this.data, 'outbox'))).filter((name) => name.endsWith('.log')).sort();
      const torn = Buffer.from(
        Array.from({ length: this.random.int(1, 200) }, () => this.random.int(0, 255)),
      );
      if (logs.length > 0) await appendFile(join(this.data, 'outbox', logs.at(-1)!), torn);
      await this.#start();
    },
    'the process and NATS killed': async () => {
      await Promise.all([this.#kill(), this.nats.kill()]);
      await this.#start();
      await pause(this.random.int(0, 300));
      await this.nats.restart();
    },
    'a second process on the same outbox': async () => {
      const second = publish(this.link.url, this.data, 500_000);
      await once(second.process, 'close');
      expect(second.errors()).toContain('OUTBOX_LOCKED');
    },
    'JetStream out of space': async () => {
      const nc = await connect({ servers: this.nats.url });
      const manager = await nc.jetstreamManager();
      await manager.streams.add({ name: 'FILLER', subjects: ['filler'] });
      const piece = new Uint8Array(900_000);
      for (let full = false; !full;) {
        full = await nc
          .jetstream()
          .publish('filler', piece)
          .then(
            () => false,
            () => true,
          );
      }
      await pause(this.random.int(50, 400));
      await manager.streams.delete('FILLER');
      await nc.close();
    },
  };

  async round(): Promise<string> {
    const name = this.random.pick(Object.keys(this.faults));
    await this.faults[name]();
    await pause(this.random.int(0, 60));
    return name;
  }

  /** Lets it send what is left; gives what the hub has. */
  async end(): Promise<CloudEvent[]> {
    this.link.set('open');
    const before = this.#child.said().length;
    await until('it goes on', () => this.#child.said().length > before, 300);
    this.#child.process.kill('SIGTERM');
    await once(this.#child.process, 'close');
    this.made.push(...this.#child.said());
    const last = publish(this.link.url, this.data, this.#next);
    await until('it is open again', () => last.said().length > 0, 300);
    last.process.kill('SIGTERM');
    await once(last.process, 'close');
    this.made.push(...last.said());
    const events = (await readEvents(this.nats.url)).map(({ event }) => event);
    this.link.close();
    await this.nats.close();
    return events;
  }

  async #network(state: 'slow' | 'cut' | 'frozen'): Promise<void> {
    this.link.set(state);
    await pause(this.random.int(50, 800));
    this.link.set('open');
  }

  async #start(): Promise<void> {
    this.#child = publish(this.link.url, this.data, this.#next);
    this.#next += 1000;
    await until(`it publishes: ${this.#child.errors()}`, () => this.#child.said().length > 0, 300);
  }

  async #kill(): Promise<void> {
    await pause(this.random.int(0, 100));
    this.#child.process.kill('SIGKILL');
    await once(this.#child.process, 'close');
    this.made.push(...this.#child.said());
  }
}

describe(`whatever happens, what was made arrives (SEED=${SEED})`, () => {
  const campaigns = Math.ceil(ROUNDS / ROUNDS_A_CAMPAIGN);
  test.each(Array.from({ length: campaigns }, (_, i) => `${SEED}-${i + 1}`))(
    `campaign %s: at least once, once after dedupe on id, in order of revision, with its content`,
    async (seed) => {
      const campaign = await Campaign.begin(seed);
      const happened: string[] = [];
      for (let round = 0; round < ROUNDS_A_CAMPAIGN; round++) happened.push(await campaign.round());
      const got = await campaign.end();
      const story = happened.join(', ');

      const byId = new Map(got.map((event) => [event.id, event]));
      const lost = campaign.made.filter((id) => !byId.has(id));
      expect(lost, `lost after: ${story}`).toEqual([]);
      const last = new Map<string, number>();
      const disorder: string[] = [];
      for (const { subject, data } of byId.values()) {
        if (data.revision <= (last.get(subject) ?? 0)) disorder.push(`${subject} ${data.revision}`);
        last.set(subject, data.revision);
      }
      expect(disorder, `out of order after: ${story}`).toEqual([]);
      for (const [id, { data }] of byId) expect(eventId(data), 'the content is that of the id').toBe(id);
      expect(campaign.made.length).toBeGreaterThan(ROUNDS_A_CAMPAIGN);
    },
    3_600_000,
  );
});

const small = join(tmpdir(), `clameur-small-disk-${process.pid}`);
const mounted = spawnSync('sh', ['-c', `mkdir -p ${small} && mount -t tmpfs -o size=2m tmpfs ${small}`]);
const why = mounted.status === 0 ? '' : ` (not possible here: ${mounted.stderr.toString().trim()})`;
afterAll(() => void spawnSync('sh', ['-c', `umount ${small}; rmdir ${small}`]));

test.skipIf(mounted.status !== 0)(
  `a full disk stops nothing: events go out without it, and are safe again once there is room${why}`,
  async () => {
    const nats = await startNatsServer();
    const data = join(small, 'data');
    await mkdir(data);
    const child = publish(nats.url, data, 1);
    await until('it publishes', () => child.said().length > 10, 120);
    const filler = join(small, 'filler');
    await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
    expect((await stat(filler)).size).toBeGreaterThan(0);
    const before = child.said().length;
    await until('it goes on with a full disk', () => child.said().length > before + 60, 120);
    expect(child.process.exitCode).toBeNull();
    await rm(filler);
    const after = child.said().length;
    await until('it goes on with room', () => child.said().length > after + 30, 120);
    child.process.kill('SIGKILL');
    await once(child.process, 'close');
    const next = publish(nats.url, data, 10_000);
    await until('it starts again', () => next.said().length > 10, 120);
    next.process.kill('SIGTERM');
    await once(next.process, 'close');
    const got = new Set((await readEvents(nats.url)).map(({ event }) => event.id));
    expect([...child.said(), ...next.said()].filter((id) => !got.has(id))).toEqual([]);
    await nats.close();
  },
);
