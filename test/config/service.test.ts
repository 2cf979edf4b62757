import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import {
  configReference,
  loadService,
  parseService,
  serviceJsonSchema,
  serviceReference,
  withoutSecrets,
} from '../../src/config/index.js';

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
const read = (text: string, environment = {}) => parseService(text, '/srv/clameur.yaml', environment);

test('an empty file gives every default: this machine only, nothing unusual, no exercise', () => {
  const { config, unknownVariables } = read('');
  expect(config).toMatchObject({
    site: '/srv/site.geojson',
    data: '/srv/.clameur',
    exercise: false,
    nats: { servers: ['nats://127.0.0.1:4222'], name: 'clameur' },
    http: { host: '127.0.0.1', port: 8080 },
    model: { workers: 1 },
    listen: { unusual: false },
    locate: {},
    outbox: { maxMessages: 100_000 },
    log: { level: 'info', pretty: false },
  });
  expect(unknownVariables).toEqual([]);
});

describe('a wrong key or value is refused, and the message names file, key, problem and mend', () => {
  test.each([
    [
      'nats: { server: x }',
      /\/srv\/clameur\.yaml: there is no key "nats\.server" \(did you mean "servers"\?\)/,
    ],
    ['htp: { port: 1 }', /no key "htp" \(did you mean "http"\?\)/],
    ['http: { prt: 1 }', /no key "http\.prt" \(did you mean "port"\?\)/],
    ['log: { zzzzzzzzzz: 1 }', /no key "log\.zzzzzzzzzz" \(known here: level, pretty\)/],
    ['http: { port: 99999 }', /http\.port: .*65535/],
    ['http: { port: "eighty" }', /http\.port: .*expected number/],
    ['listen: { thresholds: { gunshot: { on: 1.5 } } }', /listen\.thresholds\.gunshot\.on: /],
    ['listen: { thresholds: { firework: { on: 0.5 } } }', /thresholds.*firework/],
    ['- a\n- b', /the document is not a mapping/],
    ['a: [1, 2', /the document is not YAML: .* at line 1/],
    ['site: *a', /the document is not YAML: .*alias/],
    ['site: a\nsite: b', /the document is not YAML: .*unique/],
  ])('%s', (text, message) => {
    expect(() => read(text)).toThrowError(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });

  test('a file that is not there', async () => {
    await expect(loadService('/nowhere/clameur.yaml', {})).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      exitCode: 2,
      message: expect.stringContaining('/nowhere/clameur.yaml: there is no such file'),
    });
  });
});

test('environment variables win over the file, whole branches before their leaves', () => {
  const { config } = read('http: { port: 1000 }\nnats: { servers: nats://file:4222 }', {
    CLAMEUR_HTTP_PORT: '0',
    CLAMEUR_NATS_SERVERS: 'nats://a:4222, nats://b:4222',
    CLAMEUR_NATS_TOKEN: '12345678901234567890',
    CLAMEUR_DATA: '/var/lib/clameur',
    CLAMEUR_LOCATE_WEATHER: '{ temperatureC: 20, windSpeed: 3 }',
    CLAMEUR_LOCATE_WEATHER_TEMPERATURE_C: '-4.5',
    CLAMEUR_LISTEN_THRESHOLDS_CROWD_CLAMOUR_ON: '0.7',
    CLAMEUR_LOG_LEVEL: '',
  });
  expect(config.http).toMatchObject({ host: '127.0.0.1', port: 0 });
  expect(config.nats).toMatchObject({
    servers: ['nats://a:4222', 'nats://b:4222'],
    token: '12345678901234567890',
  });
  expect(config.data).toBe('/var/lib/clameur');
  expect(config.locate.weather).toEqual({ temperatureC: -4.5, windSpeed: 3 });
  expect(config.listen.thresholds).toEqual({ crowd_clamour: { on: 0.7 } });
  expect(config.log.level).toBe('info');
});

test('a variable that names no key is told, but not those of Kubernetes for a service called clameur, nor nats-server’s', () => {
  const conf = readFileSync(new URL('../../charts/nats-users.conf', import.meta.url), 'utf8');
  const serverPasswords = [...conf.matchAll(/\$(CLAMEUR_\w+)/g)].map(([, name]) => name);
  expect(serverPasswords.length).toBeGreaterThan(6);
  const { unknownVariables } = read('', {
    CLAMEUR_HTTP_PROT: '1',
    CLAMEUR_SERVICE_HOST: '10.0.0.1',
    CLAMEUR_SERVICE_PORT_HTTP: '80',
    CLAMEUR_PORT: 'tcp://10.0.0.1:80',
    CLAMEUR_PORT_80_TCP_ADDR: '10.0.0.1',
    // All that `clameur permissions` names; a test of the chart keeps the file as that writes it.
    ...Object.fromEntries(serverPasswords.map((name) => [name, 'x'])),
    CLAMEUR_NAT_PASSWORD: 'x',
    HOME: '/root',
  });
  expect(unknownVariables).toEqual(['CLAMEUR_HTTP_PROT', 'CLAMEUR_NAT_PASSWORD']);
});

test('relative files start from the folder of the YAML', () => {
  const { config } = parseService(
    'nats: { credentials: hub.creds, tls: { ca: ca.pem } }\nmodel: { path: /m/a.json }',
    'conf/c.yaml',
  );
  expect(config.nats.credentials).toBe(resolve('conf/hub.creds'));
  expect(config.nats.tls).toEqual({ ca: resolve('conf/ca.pem') });
  expect(config.model.path).toBe('/m/a.json');
});

test('a configuration that is shown has no secret in it', () => {
  const { config } = read(
    'nats: { user: u, password: hunter2, token: t0psecret, servers: "nats://me:pw@host:4222" }',
  );
  const shown = JSON.stringify(withoutSecrets(config));
  expect(shown).not.toMatch(/hunter2|t0psecret|me:pw/);
  expect(shown).toContain('"user":"u"');
  expect(config.nats.password).toBe('hunter2');
});

test('streams take a URL or an SDP, relative files start from the configuration, and passwords are not shown', () => {
  const { config } = read(`streams:
  - { pole: a, url: 'rtsp://admin:s3cret@camera/live?key=k3y', transport: udp }
  - { pole: b, url: poles/b.sdp }
  - pole: c
    url: |
      v=0
      o=- 0 0 IN IP4 127.0.0.1
`);
  expect(config.streams.map(({ url, transport }) => [url.split('\n')[0], transport])).toEqual([
    ['rtsp://admin:s3cret@camera/live?key=k3y', 'udp'],
    ['/srv/poles/b.sdp', 'tcp'],
    ['v=0', 'tcp'],
  ]);
  const shown = JSON.stringify(withoutSecrets(config).streams);
  expect(shown).not.toMatch(/s3cret|k3y|admin/);
  expect(shown).toContain('rtsp://camera/live');
  for (const url of ['ftp://camera/live', '/etc/passwd', 'file:///a.sdp'])
    expect(() => read(`streams: [{ pole: a, url: '${url}' }]`)).toThrow(/streams.0.url: must be rtsp/);
});

test('the published JSON Schema takes what the service takes and refuses what it refuses', () => {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    allowUnionTypes: true,
    keywords: ['unit', 'secret'],
  });
  addFormats(ajv);
  const validate = ajv.compile(serviceJsonSchema());
  for (const text of [
    '{}',
    'nats: { servers: [a, b] }',
    'listen: { thresholds: { gunshot: { on: 0.5 } } }',
  ]) {
    expect(validate(parse(text)), text).toBe(true);
    expect(() => read(text)).not.toThrow();
  }
  for (const text of [
    'no: 1',
    'nats: { srv: 1 }',
    'http: { port: -1 }',
    'listen: { thresholds: { dog: {} } }',
  ]) {
    expect(validate(parse(text)), text).toBe(false);
    expect(() => read(text)).toThrow();
  }
});

test('the committed schema and reference page are those of the code (stale? npx vitest run test/config --update)', async () => {
  await expect(serviceReference()).toMatchFileSnapshot('../../src/config/README.md');
  await expect(`${JSON.stringify(serviceJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../src/config/service.schema.json',
  );
});

test('the schema’s patterns are of the kind that Go’s regexp takes too: Helm judges the chart’s values by them', () => {
  expect(JSON.stringify(serviceJsonSchema())).not.toMatch(/\(\?[=!<]|\\\\[1-9]/);
});

test('every key that can be set has a meaning in the reference', () => {
  for (const line of serviceReference()
    .split('\n')
    .filter((row) => row.startsWith('| `'))) {
    expect(line.split('|').at(-2)!.trim(), line).not.toBe('');
  }
  expect(configReference()).toContain('http.port');
});
