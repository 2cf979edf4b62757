import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseScene, parseService, parseSite, parseWeather } from '../../src/config/index.js';
import { readRecord } from '../../src/privacy/audit-record.js';
import { readFilter, readPage } from '../../src/server/history/query.js';
import { parseTokens } from '../../src/server/index.js';
import { parseSceneSpec } from '../../src/simulate/index.js';
import { damaged, damagedJson } from './arbitraries.js';
import { json, jsonText, refusing, target, type Target } from './target.js';

/** GeoJSON, YAML and JSON that people write: every reader refuses by an error that names the mend, or reads. */
export function textTargets(): Target[] {
  const sites = [json('fixtures/site.geojson'), json('fixtures/demo/site.geojson')];
  return [
    target('site.geojson', 0.1, damagedJson(sites), (value) => refusing(() => parseSite(value))),
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
    target(
      'searches',
      0.03,
      damagedJson([
        {
          class: 'gunshot,explosion',
          from: '2026-01-01T00:00:00Z',
          bbox: '5.3,43.2,5.4,43.3',
          limit: '10',
          cursor: '1790000000000.abc',
        },
      ]),
      (query) => {
        refusing(() => readFilter(query));
        refusing(() => readPage(query));
      },
    ),
    target('audit records', 0.02, jsonText([AUDIT_RECORD]), (text) => void readRecord(text)),
  ];
}

const AUDIT_RECORD = {
  n: 2,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'start',
  by: 'clameur',
  detail: { version: '0.1.0' },
  site: 'vieux-port',
  prev: '0'.repeat(64),
  key: 'A'.repeat(44),
  signature: 'A'.repeat(88),
};

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
    `a: &a [x]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [${i ? `*b${i - 1},*b${i - 1}` : '*a,*a'}]`).join('\n')}`,
    '!!js/function "x"',
    '__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }',
    '? ? ?',
    'a: *b',
    '<<: {a: 1}',
    '- '.repeat(500),
    '{'.repeat(3000),
    `a: ${'"'.repeat(4000)}`,
  ];
  return fc.oneof(
    { weight: 10, arbitrary: damagedJson(valid).map((value) => stringify(value)) },
    {
      weight: 10,
      arbitrary: damaged(valid.map((value) => new TextEncoder().encode(stringify(value)))).map((bytes) =>
        new TextDecoder().decode(bytes),
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom(...bombs) },
  );
}
