import { z } from 'zod';
import { EVENT_CLASSES } from '../../config/index.js';
import { SCHEMAS, type SchemaName } from './schemas.js';

interface Operation {
  summary: string;
  answer?: SchemaName;
  /** Where it is not JSON of a schema. */
  media?: string;
  status?: number;
  parameters?: object[];
  body?: object;
  /** Codes of the one table of errors, by status. */
  errors?: Record<number, string>;
}

const query = (name: string, description: string, schema: object = { type: 'string' }) => ({
  name,
  in: 'query',
  description,
  schema,
});
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });

const FILTER = [
  query('class', 'Classes, separated by commas', { type: 'string', examples: [EVENT_CLASSES.join(',')] }),
  query('from', 'Onset at or after', { type: 'string', format: 'date-time' }),
  query('to', 'Onset at or before', { type: 'string', format: 'date-time' }),
  query('bbox', 'west,south,east,north in degrees; only incidents with a place'),
  query('pole', 'Heard at this pole (one of the nearest 12)'),
  query('minConfidence', 'At least this confidence', { type: 'number', minimum: 0, maximum: 1 }),
  query('verdict', 'confirmed, dismissed, unsure or none, separated by commas'),
  query('exercise', 'Only exercises, or none', { type: 'string', enum: ['true', 'false'] }),
];
const PAGE = [
  query('limit', 'Incidents on a page', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
  query('cursor', '`next` of the page before'),
];

const OPERATIONS: Record<string, Partial<Record<'get' | 'post' | 'delete', Operation>>> = {
  '/status': { get: { summary: 'The service at a glance', answer: 'Status' } },
  '/site': { get: { summary: 'The poles as GeoJSON, without keys', answer: 'Site' } },
  '/poles': { get: { summary: 'Every pole’s state, clock, drops and level', answer: 'Poles' } },
  '/poles/{pole}': {
    get: {
      summary: 'One pole',
      answer: 'Pole',
      parameters: [inPath('pole')],
      errors: { 404: 'POLE_UNKNOWN' },
    },
  },
  '/poles/{pole}/levels': {
    get: {
      summary:
        'Scores and third-octave levels of the last minutes, by the second. For technicians. Third octaves are measured from the first request on.',
      answer: 'PoleLevels',
      parameters: [inPath('pole')],
      errors: { 404: 'POLE_UNKNOWN' },
    },
  },
  '/incidents': {
    get: {
      summary: 'Past and present incidents, the newest first',
      answer: 'Incidents',
      parameters: [...FILTER, ...PAGE],
      errors: { 400: 'QUERY_INVALID' },
    },
  },
  '/incidents/{id}': {
    get: {
      summary: 'One incident’s whole life: every revision that EVENTS holds',
      answer: 'Life',
      parameters: [inPath('id')],
      errors: { 404: 'INCIDENT_UNKNOWN', 503: 'HISTORY_AWAY' },
    },
  },
  '/incidents/{id}/verdict': {
    post: {
      summary: 'An operator’s verdict, answered once it is stored',
      answer: 'RecordedVerdict',
      status: 201,
      parameters: [inPath('id')],
      body: { 'application/json': { schema: ref('Verdict') } },
      errors: { 400: 'VERDICT_INVALID', 404: 'INCIDENT_UNKNOWN', 503: 'VERDICT_NOT_READY' },
    },
  },
  '/transparency': {
    get: {
      summary: 'What the public may know: purpose, zones, classes, retention, figures',
      media: 'application/json',
    },
  },
  '/statistics': {
    get: {
      summary: 'How many there were, when and where: timeline and density map',
      answer: 'Statistics',
      parameters: FILTER,
      errors: { 400: 'QUERY_INVALID' },
    },
  },
  '/export/incidents.geojson': {
    get: {
      summary: 'Everything that matches, as GeoJSON',
      answer: 'GeoJson',
      media: 'application/geo+json',
      parameters: FILTER,
      errors: { 400: 'QUERY_INVALID' },
    },
  },
  '/export/incidents.csv': {
    get: {
      summary: 'Everything that matches, as CSV',
      media: 'text/csv',
      parameters: FILTER,
      errors: { 400: 'QUERY_INVALID' },
    },
  },
  '/about': {
    get: { summary: 'Version, model, thresholds in force, what is kept how long', answer: 'About' },
  },
  '/live': {
    get: {
      summary:
        'Server-sent events: hello (with the tiles of http.tiles, if any), ready, poles, levels (once a second), incident (a CloudEvent)',
      media: 'text/event-stream',
      errors: { 503: 'TOO_MANY_VIEWERS' },
    },
  },
  '/replays': {
    post: {
      summary:
        'Replays a recording (WAV, FLAC, Ogg Vorbis, MP3), or a zip or tar of a scene. In memory only; one at a time. For technicians.',
      answer: 'Replay',
      status: 202,
      parameters: [query('name', 'What to call it')],
      body: { 'application/octet-stream': { schema: {} } },
      errors: { 400: 'UPLOAD_INVALID', 409: 'REPLAY_BUSY', 413: 'UPLOAD_TOO_LARGE', 415: 'UPLOAD_TYPE' },
    },
  },
  '/replays/{id}': {
    get: {
      summary: 'How far a replay is',
      answer: 'Replay',
      parameters: [inPath('id')],
      errors: { 404: 'REPLAY_UNKNOWN' },
    },
    delete: {
      summary: 'Forgets a replay at once',
      status: 204,
      parameters: [inPath('id')],
      errors: { 404: 'REPLAY_UNKNOWN' },
    },
  },
  '/replays/{id}/report.json': {
    get: {
      summary: 'What was heard, where and why',
      answer: 'ReplayReport',
      parameters: [inPath('id')],
      errors: { 404: 'REPLAY_UNKNOWN' },
    },
  },
  '/replays/{id}/report.html': {
    get: {
      summary: 'The same as one HTML file that needs nothing else',
      media: 'text/html',
      parameters: [inPath('id')],
      errors: { 404: 'REPLAY_UNKNOWN' },
    },
  },
};

function ref(name: SchemaName) {
  return { $ref: `#/components/schemas/${name}` };
}

/** The OpenAPI 3.1 document of `/api/v1`. */
export function openApi(version: string) {
  const paths = Object.fromEntries(
    Object.entries(OPERATIONS).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, described(operation)]),
      ),
    ]),
  );
  const schemas = Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'output' });
      return [name, json];
    }),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Clameur',
      version,
      summary: 'What the console shows, for programs',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    paths,
    components: { schemas },
  };
}

function described({
  summary,
  answer,
  media = 'application/json',
  status = 200,
  parameters,
  body,
  errors = {},
}: Operation) {
  const content = status !== 204 && {
    content: { [media]: { schema: answer ? ref(answer) : { type: 'string' } } },
  };
  const refused = Object.entries(errors).map(([code, description]) => [
    code,
    { description, content: { 'application/json': { schema: ref('Error') } } },
  ]);
  return {
    summary,
    ...(parameters && { parameters }),
    ...(body && { requestBody: { required: true, content: body } }),
    responses: { [status]: { description: 'Done', ...content }, ...Object.fromEntries(refused) },
  };
}
