import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsConnection } from 'nats';
import { stringify } from 'yaml';
import { ClaimBucket, type ClaimValue, type ProcessLease } from '../../src/claims/index.js';
import { siteJson, type City } from '../../src/cli/bench/city.js';
import { CLI, waitFor } from '../support/service.js';

export type Kind = 'listen' | 'locate';

interface Member {
  kind: Kind;
  folder: string;
  child: ChildProcess;
  process: string;
  log: string[];
}

/** Real processes of one site, each with a data folder that outlives it. */
export class Cluster {
  readonly #members = new Map<string, Member>();
  /** All that the processes of a name said, one after the other. */
  readonly #said = new Map<string, string[]>();
  readonly #letGo = new Map<string, number>();
  readonly #bucket: ClaimBucket;
  readonly #city: City;
  readonly #natsUrl: string;
  readonly #folder: string;

  constructor(city: City, natsUrl: string, connection: NatsConnection, folder: string) {
    this.#city = city;
    this.#natsUrl = natsUrl;
    this.#folder = folder;
    this.#bucket = new ClaimBucket(connection);
  }

  /** Starts (again) the process of that name; resolves once it has said its own name. */
  async start(name: string, kind: Kind): Promise<void> {
    const folder = join(this.#folder, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'site.geojson'), JSON.stringify(siteJson(this.#city)));
    const config = join(folder, 'clameur.yaml');
    await writeFile(
      config,
      stringify({
        site: 'site.geojson',
        data: 'data',
        nats: { servers: this.#natsUrl },
        http: { port: 0 },
        locate: { fireworksPerMinute: 1_000_000 },
      }),
    );
    const child = spawn(process.execPath, [CLI, 'serve', '--config', config, '--role', kind], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const reap = (): void => void child.kill('SIGKILL');
    process.once('exit', reap);
    child.once('exit', () => process.removeListener('exit', reap));
    const member: Member = { kind, folder, child, process: '', log: [] };
    this.#members.set(name, member);
    const said = this.#said.get(name) ?? [];
    this.#said.set(name, said);
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      member.log.push(text);
      said.push(text);
    });
    await waitFor(`${name} to start`, () => /"process":"([^"]+)"/.test(member.log.join('')), 120);
    member.process = /"process":"([^"]+)"/.exec(member.log.join(''))![1];
  }

  async ready(name: string): Promise<void> {
    const { log } = this.#members.get(name)!;
    await waitFor(`${name} to listen`, () => log.join('').includes('"msg":"listening"'), 120);
  }

  /** SIGKILL or SIGTERM; resolves with the exit code once it is gone. */
  async end(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this.#members.get(name)!;
    await this.#count(this.#members.get(name)!);
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await gone)[0];
  }

  /** SIGSTOP for so long: it comes back as it was, with what it had meant to do. */
  async freeze(name: string, seconds: number): Promise<void> {
    const { child } = this.#members.get(name)!;
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    child.kill('SIGCONT');
  }

  names(kind: Kind): string[] {
    return [...this.#members].filter(([, member]) => member.kind === kind).map(([name]) => name);
  }

  /** The locator that holds the claim now. */
  async holder(): Promise<string> {
    let found: string | undefined;
    await waitFor(
      'a locator to hold the claim',
      async () => {
        const claim = await this.#bucket.get<ClaimValue>(`locator.${this.#city.site}`);
        const name = typeof claim === 'object' ? claim.value.process : undefined;
        found = [...this.#members].find(([, { process }]) => process === name)?.[0];
        return found !== undefined;
      },
      60,
    );
    return found!;
  }

  async leases(): Promise<ProcessLease[]> {
    const entries = await this.#bucket.list<ProcessLease>(`process.${this.#city.site}.*`);
    return entries.map(({ value }) => value);
  }

  /** The poles that a process hears, as it told last. */
  async polesOf(name: string): Promise<readonly string[]> {
    const { process } = this.#members.get(name)!;
    return (await this.leases()).find((lease) => lease.process === process)?.poles ?? [];
  }

  /** Whether every pole is heard by a process that lives and is not `but`. */
  async allHeard(but?: string): Promise<boolean> {
    const dead = but === undefined ? undefined : this.#members.get(but)!.process;
    const heard = new Set(
      (await this.leases()).filter(({ process }) => process !== dead).flatMap(({ poles }) => poles),
    );
    return this.#city.poles.every(({ pole }) => heard.has(pole));
  }

  /** Onsets' patches and blocks that the processes let go for want of time, those that ended included: shots may be missed. */
  async notLookedAt(): Promise<number> {
    for (const member of this.#members.values()) await this.#count(member);
    return [...this.#letGo.values()].reduce((sum, one) => sum + one, 0);
  }

  async #count({ child, log, process }: Member): Promise<void> {
    const url = /"url":"([^"]+)"/.exec(log.join(''))?.[1];
    if (child.exitCode !== null || child.signalCode !== null || !url) return;
    const text = await (await fetch(`${url}/metrics`)).text();
    const counts = text.matchAll(
      /^clameur_(?:queue_dropped_total\{[^}]*\}|sound_shed_total\{reason="old_frames"\}) (\S+)/gm,
    );
    this.#letGo.set(
      process,
      [...counts].reduce((sum, [, value]) => sum + Number(value), 0),
    );
  }

  log(name: string): string {
    return this.#members.get(name)!.log.join('');
  }

  /** What every process said between these times (milliseconds of UTC), oldest first. */
  saidBetween(fromMillis: number, toMillis: number): string[] {
    const lines = [...this.#said].flatMap(([name, texts]) =>
      texts
        .join('')
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => ({ name, line, at: Date.parse((JSON.parse(line) as { time: string }).time) })),
    );
    return lines
      .filter(({ at }) => at >= fromMillis && at <= toMillis)
      .sort((a, b) => a.at - b.at)
      .map(({ name, line }) => `${name} ${line}`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.keys()].map((name) => this.end(name, 'SIGKILL')));
  }
}
