import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import type { NatsConnection } from 'nats';
import { withoutSecrets, type ServiceConfig, type Site } from '../config/index.js';
import { AuditLog } from '../privacy/index.js';
import type { ModelIdentity } from '../publish/index.js';
import type { RecordedVerdict } from '../review/index.js';
import type { Denial } from '../server/index.js';
import type { Logger } from '../telemetry/index.js';

const MINUTE_MILLIS = 60_000;
/** Different denials told apart in a minute; the rest are one number. */
const MOST_DENIALS = 20;
const FLUSH_MILLIS = 2_000;

export interface AuditingOptions {
  config: ServiceConfig;
  site: Site;
  model: ModelIdentity;
  version: string;
  log: Logger;
}

interface Known {
  settings: Record<string, unknown>;
  site: string;
  model: string;
}

/** What a running service writes into the audit log. */
export class Auditing {
  readonly #log: AuditLog;
  readonly #denied = new Map<string, { denial: Denial; count: number }>();
  readonly #minute: NodeJS.Timeout;
  #moreDenied = 0;

  private constructor(log: AuditLog) {
    this.#log = log;
    this.#minute = setInterval(() => this.#tellDenied(), MINUTE_MILLIS);
    this.#minute.unref();
  }

  /** Notes the start, and what is other than at the last one. Throws AUDIT_KEY. */
  static async start(options: AuditingOptions): Promise<Auditing> {
    const { config, site, model, version, log } = options;
    const audit = await AuditLog.open({
      site: site.site,
      dataFolder: config.data,
      log,
      ...(config.audit.key !== undefined && { keyFile: config.audit.key }),
    });
    const file = join(config.data, 'audit-known.json');
    const before = await readKnown(file);
    const now: Known = {
      settings: flatten(withoutSecrets(config)),
      site: sha256(site),
      model: model.sha256,
    };
    const { name, version: modelVersion } = model;
    await audit.note('start', { version, mode: config.mode, model: model.sha256, exercise: config.exercise });
    const changed = differences(before?.settings ?? {}, now.settings);
    const configuration = { sha256: sha256(now.settings), site: now.site };
    if (!before) await audit.note('configuration', configuration);
    else if (changed.length > 0 || before.site !== now.site)
      await audit.note('configuration', { ...configuration, changed, siteChanged: before.site !== now.site });
    if (before?.model !== now.model)
      await audit.note('model', {
        name,
        version: modelVersion,
        sha256: now.model,
        ...(before && { before: before.model }),
      });
    await writeFile(file, JSON.stringify(now), { mode: 0o600 });
    log.info({ publicKey: audit.publicKey }, 'the audit log is signed with this key');
    return new Auditing(audit);
  }

  get publicKey(): string {
    return this.#log.publicKey;
  }

  attach(nc: NatsConnection): void {
    this.#log.attach(nc);
  }

  async verdict({ incidentId, verdict, reason, operator, at }: RecordedVerdict): Promise<void> {
    await this.#log.note('verdict', {
      incidentId,
      verdict,
      at,
      ...(reason !== undefined && { reason }),
      ...(operator !== undefined && { operator }),
    });
  }

  exercise(incidentId: string): void {
    void this.#log.note('exercise', { incidentId });
  }

  switched(details: Record<string, unknown>): void {
    void this.#log.note('switch', details);
  }

  /** The first of a kind at once, the others of its minute as one number: a flood must not fill the log. */
  denied(denial: Denial): void {
    const key = `${denial.reason} ${denial.address}`;
    const known = this.#denied.get(key);
    if (known) known.count++;
    else if (this.#denied.size >= MOST_DENIALS) this.#moreDenied++;
    else {
      this.#denied.set(key, { denial, count: 0 });
      void this.#log.note('denied', { ...denial });
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#minute);
    this.#tellDenied();
    await this.#log.note('stop');
    await this.#log.flush(FLUSH_MILLIS);
    this.#log.close();
  }

  #tellDenied(): void {
    for (const { denial, count } of this.#denied.values())
      if (count > 0)
        void this.#log.note('denied', { reason: denial.reason, address: denial.address, again: count });
    if (this.#moreDenied > 0) void this.#log.note('denied', { reason: 'others', again: this.#moreDenied });
    this.#denied.clear();
    this.#moreDenied = 0;
  }
}

async function readKnown(file: string): Promise<Known | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Known;
  } catch {
    return undefined;
  }
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalize(value)!).digest('hex');
}

/** Leaves by their path. Texts as hashes: one may be an address with a name in it. */
function flatten(value: unknown, path = ''): Record<string, unknown> {
  if (typeof value === 'string') return { [path]: `sha256:${sha256(value).slice(0, 16)}` };
  if (typeof value !== 'object' || value === null) return { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, child]) => flatten(child, path ? `${path}.${key}` : key)),
  ) as Record<string, unknown>;
}

/** Such as `listen.thresholds.gunshot.on: 0.6, now 0.7`. */
function differences(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const show = (value: unknown) => (value === undefined ? 'absent' : String(value));
  return paths
    .filter((path) => before[path] !== now[path])
    .map((path) => `${path}: ${show(before[path])}, now ${show(now[path])}`);
}
