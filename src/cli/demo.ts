import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { connect, type NatsConnection } from 'nats';
import { readScene } from '../feeds/index.js';
import type { CloudEvent } from '../publish/index.js';
import { tokenDigest } from '../server/index.js';
import { playScene } from '../simulate/index.js';
import { checkIncidents, shiftTruth } from './check.js';
import { ensurePackages } from './debian.js';
import { bringUpNats, freePort } from './demo-nats.js';
import { renderCheck } from './render.js';
import { lastRevisions } from './run-scene.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** What the last incidents need to close after the sound ends: crowds are quiet for 15 s first. */
const CLOSING_SECONDS = 25;

/** `npm run demo`: a real NATS server, the service on the fixture site, a scene as live sound, and a hub that prints. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Brings up NATS and the service, plays a scene as live feeds, prints each event as the hub gets it.',
    )
    .option('--once', 'end by itself; exit 0 only if every expected incident arrived')
    .option('--scene <folder>', 'scene to play', join(root, 'fixtures/demo'))
    .addHelpText('after', '\nExample: npm run demo -- --once')
    .action(demo);
}

async function demo(flags: { once?: boolean; scene: string }): Promise<void> {
  ensurePackages(['libasound2'], say);
  const scene = await readScene(flags.scene);
  const nats = await bringUpNats(say);
  const data = mkdtempSync(join(tmpdir(), 'clameur-demo-'));
  const port = await freePort();
  const token = randomBytes(24).toString('base64url');
  const service = startService(nats.url, port, data, token);
  const hub = await connect({ servers: nats.url, name: 'demo hub', maxReconnectAttempts: -1 });
  const stop = stopOnce(async () => {
    await hub.close();
    await ended(service);
    await nats.stop();
    rmSync(data, { recursive: true, force: true });
  });
  try {
    await ready(`http://127.0.0.1:${port}/readyz`, service);
    // What stands behind the # is sent nowhere: the page exchanges it for a session.
    say(`the console, as an operator: http://127.0.0.1:${port}/#token=${token}`);
    const events = listen(hub, scene.site.site);
    const startAtMillis = Date.now() + 1000;
    say(`playing ${scene.name} from ${scene.recordings.length} poles as live sound …`);
    await playScene(hub, scene, { startAtMillis });
    if (!flags.once) {
      say('the sound has ended; the page stays up until Ctrl-C');
      await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
      return;
    }
    const truth = shiftTruth(scene, startAtMillis);
    const expected = truth.length;
    await until(
      () => lastRevisions(events).filter(({ type }) => type.includes('.closed.')).length >= expected,
      CLOSING_SECONDS,
    );
    const result = checkIncidents(
      truth,
      lastRevisions(events).map((event) => event.data),
    );
    say(renderCheck(result));
    if (!result.ok) process.exitCode = 1;
  } finally {
    await stop();
  }
}

function startService(natsUrl: string, port: number, data: string, token: string): ChildProcess {
  const tokens = join(data, 'tokens.yaml');
  const sha256 = tokenDigest(token).toString('hex');
  writeFileSync(tokens, `- { name: demo, role: operator, sha256: ${sha256} }\n`, { mode: 0o600 });
  return spawn(
    process.execPath,
    [join(root, 'dist/cli/main.js'), 'serve', '--config', join(root, 'fixtures/clameur.yaml')],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        CLAMEUR_NATS_SERVERS: natsUrl,
        CLAMEUR_HTTP_PORT: String(port),
        CLAMEUR_DATA: data,
        CLAMEUR_HTTP_TOKENS: tokens,
        CLAMEUR_LOG_LEVEL: 'warn',
      },
    },
  );
}

/** Subscribes as a hub would, with a plain core subscription, and prints what comes. */
function listen(hub: NatsConnection, site: string): CloudEvent[] {
  const events: CloudEvent[] = [];
  hub.subscribe(`events.${site}.>`, {
    callback: (error, message) => {
      if (error) return say(`hub: ${error.message}`);
      const event = message.json<CloudEvent>();
      events.push(event);
      process.stdout.write(`${JSON.stringify(event)}\n`);
    },
  });
  return events;
}

async function ready(url: string, service: ChildProcess): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    if (service.exitCode !== null) throw new Error(`the service ended with exit code ${service.exitCode}`);
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((r) => setTimeout(r, 200))) {
    if (await isReady()) return;
  }
  throw new Error(`the service is not ready after 30 s; look at ${url}`);
}

async function until(done: () => boolean, seconds: number): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end && !done();)
    await new Promise((r) => setTimeout(r, 200));
}

function stopOnce(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exit;
}
