import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { ClameurError } from './errors.js';
import { nearest } from './nearest.js';
import { serviceKeys } from './schema-walk.js';
import { serviceSchema, type ServiceConfig } from './service-schema.js';

export interface LoadedService {
  config: ServiceConfig;
  /** `CLAMEUR_…` variables that name no key: to be warned about, for a slip of the pen looks like this. */
  unknownVariables: string[];
}

type Tree = Record<string, unknown>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the service's YAML with the environment's overrides. Throws CONFIG_INVALID, which names key and mend. */
export async function loadService(
  file: string,
  environment: Environment = process.env,
): Promise<LoadedService> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new ClameurError('CONFIG_INVALID', { file, problem }, { cause });
  });
  return parseService(text, file, environment);
}

/** As loadService, from text; `file` names the source in messages and is what relative paths start from. */
export function parseService(text: string, file: string, environment: Environment = {}): LoadedService {
  const tree = parseYaml(text, file, 'the document') ?? {};
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    throw new ClameurError('CONFIG_INVALID', {
      file,
      problem: 'the document is not a mapping of keys to values',
    });
  }
  const unknownVariables = override(tree as Tree, environment);
  const read = serviceSchema.safeParse(tree);
  if (!read.success) {
    throw new ClameurError('CONFIG_INVALID', { file, problem: read.error.issues.map(describe).join('; ') });
  }
  return { config: withAbsolutePaths(read.data, dirname(resolve(file))), unknownVariables };
}

function parseYaml(text: string, file: string, what: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  if (document.errors.length > 0) {
    const [first] = document.errors[0].message.split('\n');
    throw new ClameurError('CONFIG_INVALID', { file, problem: `${what} is not YAML: ${first}` });
  }
  try {
    return document.toJS();
  } catch (cause) {
    // An alias of nothing, or so many of them that they would fill the memory.
    throw new ClameurError(
      'CONFIG_INVALID',
      { file, problem: `${what} is not YAML: ${(cause as Error).message}` },
      { cause },
    );
  }
}

/** Puts `CLAMEUR_<PATH>` into the tree, parents first so that a leaf's variable wins. Gives the names it does not know. */
function override(tree: Tree, environment: Environment): string[] {
  const keys = serviceKeys();
  for (const { path, variable, type } of keys) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    // A password of digits is still text.
    const value = type === 'string' ? text : parseYaml(text, variable, `${variable} (environment)`);
    let at = tree;
    for (const key of path.slice(0, -1)) {
      const next = at[key];
      at = typeof next === 'object' && next !== null ? (next as Tree) : ((at[key] = {}) as Tree);
    }
    at[path[path.length - 1]] = value;
  }
  const known = new Set(keys.map(({ variable }) => variable));
  // Kubernetes gives every pod such variables for a Service that is called clameur.
  const fromKubernetes = /^CLAMEUR_(.*_)?(SERVICE_(HOST|PORT.*)|PORT(_\d+_(TCP|UDP).*)?)$/;
  // For nats-server, as `clameur permissions` names them.
  const forTheServer = /^CLAMEUR_(POLE_\w+|SERVICE|LISTENER|LOCATOR|HUB|TECHNICIAN|WEATHER)_PASSWORD$/;
  return Object.keys(environment).filter(
    (name) =>
      name.startsWith('CLAMEUR_') &&
      !known.has(name) &&
      !fromKubernetes.test(name) &&
      !forTheServer.test(name),
  );
}

function describe(issue: z.core.$ZodIssue): string {
  const at = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return `${at || 'the document'}: ${issue.message}`;
  return issue.keys
    .map((key) => {
      const path = [...issue.path.map(String), key];
      const depth = path.length;
      const parent = path.slice(0, -1).join('.');
      const siblings = serviceKeys()
        .filter((known) => known.path.length === depth && known.path.slice(0, -1).join('.') === parent)
        .map((known) => known.path[depth - 1]);
      const near = nearest(key, siblings);
      const mend = near ? `did you mean "${near}"?` : `known here: ${siblings.join(', ')}`;
      return `there is no key "${path.join('.')}" (${mend})`;
    })
    .join('; ');
}

function withAbsolutePaths(config: ServiceConfig, folder: string): ServiceConfig {
  const { nats, model, http, streams } = config;
  const isAddress = http.jwt?.keys.includes('://') ?? false;
  const absolute = <T extends object>(part: T, keys: readonly (keyof T)[]): T => {
    const moved = { ...part };
    for (const key of keys) {
      if (typeof moved[key] === 'string') moved[key] = resolve(folder, moved[key]) as T[keyof T];
    }
    return moved;
  };
  return {
    ...absolute(config, ['site', 'data', 'transparency', 'killSwitch']),
    audit: absolute(config.audit, ['key']),
    nats: {
      ...absolute(nats, ['credentials', 'nkey']),
      ...(nats.tls && { tls: absolute(nats.tls, ['ca', 'cert', 'key']) }),
    },
    http: {
      ...absolute(http, ['tokens']),
      ...(http.jwt && { jwt: isAddress ? http.jwt : absolute(http.jwt, ['keys']) }),
    },
    model: absolute(model, ['path']),
    streams: streams.map((stream) =>
      /^[^:\n]*\.sdp$/.test(stream.url) ? absolute(stream, ['url']) : stream,
    ),
  };
}
