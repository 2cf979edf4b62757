import { shownAddress } from './address.js';
import type { ServiceConfig } from './service-schema.js';
import { serviceKeys } from './schema-walk.js';

/** The reference page of the service's YAML; src/config/README.md is this text, and a test finds it stale. */
export function serviceReference(): string {
  const rows = serviceKeys()
    .filter(({ leaf }) => leaf)
    .map((key) => {
      const standard = key.defaultValue === undefined ? '' : `\`${JSON.stringify(key.defaultValue)}\``;
      const unit = key.unit ?? '';
      return `| \`${key.path.join('.')}\` | \`${key.variable}\` | ${key.type} | ${unit} | ${standard} | ${key.description ?? ''} |`;
    });
  return `# The service's configuration

\`clameur serve --config clameur.yaml\` reads one YAML file. A key that is not listed here is refused, with the nearest
known one named. Relative paths start from the file's folder.

Each key can be set by an environment variable, which wins over the file: \`CLAMEUR_\` and the key's path in upper case,
words joined by \`_\`. Its value is read as YAML, so that \`8080\` is a number and \`[a, b]\` a list; a whole branch may be
given at once (\`CLAMEUR_LOCATE_WEATHER='{temperatureC: 20}'\`). An empty variable changes nothing. Give passwords and
tokens by the environment; they are never printed.

| key | variable | value | unit | default | meaning |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

This page and \`service.schema.json\` are made from \`service-schema.ts\` by \`npx vitest run test/config --update\`.
`;
}

/** The same keys as plain lines, for `--help`. */
export function configReference(): string {
  return serviceKeys()
    .filter(({ leaf }) => leaf)
    .map(({ path, variable, type, unit, defaultValue, description }) => {
      const facts = [unit === undefined ? type : `${type}, ${unit}`, variable];
      if (defaultValue !== undefined) facts.push(`default ${JSON.stringify(defaultValue)}`);
      return `  ${path.join('.')}: ${description ?? ''}\n      ${facts.join('; ')}`;
    })
    .join('\n');
}

/** The configuration as it may be shown or logged: secrets and user names in URLs replaced. */
export function withoutSecrets(config: ServiceConfig): ServiceConfig {
  const shown = structuredClone(config) as unknown as Record<string, unknown>;
  for (const { path, secret } of serviceKeys()) {
    if (!secret) continue;
    const parent = path
      .slice(0, -1)
      .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, shown);
    const key = path[path.length - 1];
    if (parent[key] !== undefined) parent[key] = '***';
  }
  const safe = shown as unknown as ServiceConfig;
  safe.nats.servers = safe.nats.servers.map(shownAddress);
  for (const stream of safe.streams)
    stream.url = stream.url.replace(/^([a-z]+:\/\/)(?:[^/?#]*@)?([^?#]*).*$/is, '$1$2');
  return safe;
}
