import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { serviceJsonSchema } from '../../src/config/index.js';

type Json = Record<string, unknown>;
interface Value {
  path: string;
  meaning: string;
  schema: Json;
  defaultValue: unknown;
}

/** What the chart decides itself, or takes from Secrets: not to be given in `config`. */
const THE_CHARTS_OWN = [
  'site',
  'data',
  'http.host',
  'http.port',
  'nats.credentials',
  'nats.nkey',
  'nats.tls',
  'transparency',
  'killSwitch',
  'audit.key',
];
const ANNOTATION = '@schema ';

/** JSON Schema of the chart's values, from the comments and defaults of values.yaml and from the service's own schema. */
export function chartValuesSchema(valuesYaml: string): string {
  const root = closed();
  for (const { path, schema } of readValues(valuesYaml)) {
    const keys = path.split('.');
    const parent = keys.slice(0, -1).reduce<Json>((at, key) => child(at, key), root);
    (parent['properties'] as Json)[keys.at(-1)!] = schema;
  }
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart clameur',
    ...root,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** The chart's page: how to install it, and every value with its default and meaning. */
export function chartReadme(valuesYaml: string): string {
  const rows = readValues(valuesYaml).map(({ path, meaning, defaultValue }) => {
    const standard = JSON.stringify(defaultValue).replaceAll('|', '\\|');
    return `| \`${path}\` | \`${standard}\` | ${meaning} |`;
  });
  return `# The chart

\`\`\`sh
helm install clameur charts/clameur --set-file site.geojson=fixtures/site.geojson --set config.nats.servers=nats://nats:4222
\`\`\`

installs one process with its outbox on a volume. \`--set mode=split\` installs listeners that share the poles, and a
locator with a standby. Other examples are the files in [ci](ci/); how to size, secure, watch, upgrade and back up:
[the operations page](../README.md). \`helm test clameur\` plays one made-up shot through the whole, marked as an exercise
(with \`config.exercise: true\`).

A value that is not listed here is refused; \`config\` is checked against
[the service's own schema](../../src/config/README.md) before anything is installed.

| value | default | meaning |
| --- | --- | --- |
${rows.join('\n')}

This page and \`values.schema.json\` are made from \`values.yaml\` by \`npx vitest run test/config --update\`.
`;
}

function readValues(valuesYaml: string): Value[] {
  const document = parseDocument(valuesYaml);
  const map = document.contents as YAMLMap;
  return walk(map, '', document.commentBefore ?? undefined);
}

/** Of a map's first key the comment lies with the map; a map is walked into where its keys have comments of their own. */
function walk(map: YAMLMap, prefix: string, firstComment?: string): Value[] {
  return (map.items as Pair<{ value: string; commentBefore?: string }, unknown>[]).flatMap((pair, i) => {
    const path = prefix + pair.key.value;
    const comment = (i === 0 ? (firstComment ?? map.commentBefore) : undefined) ?? pair.key.commentBefore;
    const { value } = pair;
    if (isMap(value) && !value.flow && value.items.length > 0 && !comment)
      return walk(value, `${path}.`, undefined);
    if (!comment) throw new Error(`values.yaml: ${path} has no comment`);
    const lines = comment.split('\n').map((line) => line.trim());
    const annotation = lines.find((line) => line.startsWith(ANNOTATION))?.slice(ANNOTATION.length);
    const meaning = lines.filter((line) => !line.startsWith(ANNOTATION)).join(' ');
    const defaultValue = isScalar(value) ? value.value : (value as { toJSON(): unknown }).toJSON();
    return [{ path, meaning, defaultValue, schema: schemaOf(defaultValue, meaning, annotation) }];
  });
}

function schemaOf(value: unknown, description: string, annotation: string | undefined): Json {
  if (annotation === 'service') return { description, ...serviceConfigSchema() };
  const extra = annotation === undefined ? {} : (JSON.parse(annotation) as Json);
  const type = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  return { type, description, ...extra };
}

/** The service's schema without secrets, which would lie open in a ConfigMap, and without what the chart decides. */
function serviceConfigSchema(): Json {
  const { $schema: _version, title: _title, ...schema } = serviceJsonSchema();
  prune(schema, '');
  return schema;
}

function prune(node: Json, prefix: string): void {
  const properties = (node['properties'] ?? {}) as Record<string, Json>;
  for (const [key, value] of Object.entries(properties)) {
    if (THE_CHARTS_OWN.includes(prefix + key) || value['secret'] === true) delete properties[key];
    else prune(value, `${prefix}${key}.`);
  }
}

function child(at: Json, key: string): Json {
  const properties = at['properties'] as Record<string, Json>;
  return (properties[key] ??= closed());
}

function closed(): Json {
  return { type: 'object', additionalProperties: false, properties: {} };
}
