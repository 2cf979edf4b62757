import { z } from 'zod';
import { EVENT_CLASSES } from './classes.js';
import { TOKEN } from './token.js';

const probability = z.number().min(0).max(1);
const filePath = z.string().min(1);

/** Downwards only: the most is stated here, and nothing lifts it. */
const days = (most: number, standard = most) =>
  z.number().min(1).max(most).default(standard).meta({ unit: 'd' });

const threshold = z
  .strictObject({
    on: probability.optional().describe('Score from which one pole counts as having heard it'),
    off: probability.optional().describe('Score below which a detection is let go'),
    alone: probability.optional().describe('Score from which one pole alone may alert'),
  })
  .describe('Overrides of the model’s own thresholds for this class');

const poleThreshold = z.strictObject({
  on: probability.optional().describe('Score from which this pole counts as having heard it'),
  off: probability.optional().describe('Score below which a detection of this pole is let go'),
});

const tls = z
  .strictObject({
    ca: filePath
      .optional()
      .describe(
        'Certificate authority, PEM file; this one and the two below are read again at each connection',
      ),
    cert: filePath.optional().describe('Client certificate, PEM file'),
    key: filePath.optional().describe('Client key, PEM file'),
  })
  .describe('TLS towards NATS; files are relative to the configuration');

const nats = z.strictObject({
  servers: z
    .union([
      z
        .string()
        .min(1)
        .transform((one) => one.split(',').map((part) => part.trim())),
      z.array(z.string().min(1)).min(1),
    ])
    .default(['nats://127.0.0.1:4222'])
    .describe(
      'Server URL, several separated by commas, or a list; may name the user (nats://user:password@host). tls://host is spoken to by TLS or not at all',
    ),
  name: z
    .string()
    .min(1)
    .max(64)
    .default('clameur')
    .describe('Name of the connection, as the server lists it'),
  credentials: filePath.optional().describe('Credentials file (.creds: JWT and seed)'),
  nkey: filePath.optional().describe('File that holds an nkey seed'),
  user: z.string().optional().describe('User name'),
  password: z
    .string()
    .optional()
    .meta({ secret: true })
    .describe('Password of `user`; better given by the environment'),
  token: z
    .string()
    .optional()
    .meta({ secret: true })
    .describe('Authentication token; better given by the environment'),
  tls: tls.optional(),
  replicas: z
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe('Copies of each stream that the service makes: 3 in a cluster of NATS servers, or 5'),
});

const jwt = z
  .strictObject({
    keys: filePath.describe('JWKS or PEM file, or the https address of a JWKS (OIDC’s jwks_uri)'),
    issuer: z.string().min(1).describe('`iss` that a token must have'),
    audience: z.string().min(1).describe('`aud` that a token must have'),
    roleClaim: z
      .string()
      .min(1)
      .default('roles')
      .describe('Claim with the roles; dots go deeper, unless a claim has that very name'),
    rolePrefix: z.string().default('').describe('What stands before viewer, technician, operator in it'),
  })
  .describe('Bearer tokens of an identity provider (JWT, as with OIDC)');

const TILES_URL = 'must be http(s)://… with {z}, {x} and {y} in its path';
const tiles = z
  .strictObject({
    url: z
      .string()
      // No lookahead: the pattern stands in the chart's schema too, and Go, in which Helm is written, knows none.
      .regex(/^https?:\/\/[^\s{}'";,]+[^\s'";,]*$/, TILES_URL)
      .refine((url) => ['{z}', '{x}', '{y}'].every((part) => url.includes(part)), TILES_URL)
      .describe('Tiles in Web Mercator, such as https://tiles.example/{z}/{x}/{y}.png'),
    attribution: z.string().min(1).max(200).describe('Whose map it is: shown on it'),
    maxZoom: z.int().min(1).max(22).default(19).describe('Finest zoom that there are tiles of'),
  })
  .describe(
    'A street map under the page’s own. Absent: the page asks no other host. The tile server sees who looks at which place; better one of your own',
  );
export type Tiles = z.output<typeof tiles>;

const weather = z
  .strictObject({
    temperatureC: z.number().min(-60).max(60).optional().meta({ unit: '°C' }).describe('Air temperature'),
    relativeHumidity: z.number().min(0).max(100).optional().meta({ unit: '%' }).describe('Relative humidity'),
    windSpeed: z.number().min(0).max(80).optional().meta({ unit: 'm/s' }).describe('Wind speed'),
    windFromDegrees: z
      .number()
      .min(0)
      .max(360)
      .optional()
      .meta({ unit: '°' })
      .describe('Where the wind comes from, clockwise from north'),
  })
  .describe('Weather used until weather.<site> brings another; what is missing widens the ellipse');

const stream = z.strictObject({
  pole: z.string().regex(TOKEN).describe('Pole of the site; it is not expected on NATS then'),
  url: z
    .string()
    .regex(
      /^([rR][tT][sS][pP][sS]?:\/\/|[hH][tT][tT][pP][sS]?:\/\/|v=0\r?\n|[^:\n]*\.sdp$)/,
      'must be rtsp://, rtsps://, http:// or https://, the path of an .sdp file, or the text of an SDP (v=0 …)',
    )
    .describe(
      'rtsp(s)://, http(s)://, an .sdp file relative to this one, or the text of an SDP; user and password may stand in it',
    ),
  transport: z.enum(['tcp', 'udp']).default('tcp').describe('How RTSP sends its sound'),
});

/** The service's one YAML. Every key has its unit, its default and its meaning here, and nowhere else. */
export const serviceSchema = z.strictObject({
  site: filePath.default('site.geojson').describe('The site’s GeoJSON, relative to this file'),
  data: filePath
    .default('.clameur')
    .describe('Folder for the outbox (unsent events), relative to this file; never holds sound'),
  exercise: z
    .boolean()
    .default(false)
    .describe('Also listen to exercise.<site>.<pole>; what it hears is marked as an exercise'),
  nats: nats.prefault({}),
  streams: z
    .array(stream)
    .default([])
    .describe(
      'Poles whose sound is fetched (ffmpeg decodes it): a list of `pole`, `url` (rtsp(s)://, http(s)://, an .sdp file or the text of an SDP) and `transport` of RTSP (`tcp` or `udp`)',
    ),
  http: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .default('127.0.0.1')
        .describe('Address to listen on; 0.0.0.0 opens the page to the network'),
      port: z
        .int()
        .min(0)
        .max(65535)
        .default(8080)
        .describe('Port of the page, /metrics, /healthz and /readyz; 0 takes a free one'),
      tokens: filePath
        .optional()
        .describe(
          'File of access tokens, as hashes, with their roles; made by `clameur token`, read again when it changes',
        ),
      jwt: jwt.optional(),
      anonymous: z
        .enum(['none', 'viewer'])
        .optional()
        .describe(
          'What one may be without a token; absent: `viewer` where `host` is this machine only and there are neither tokens nor jwt, else `none`',
        ),
      open: z
        .array(z.enum(['health', 'metrics']))
        .default(['health', 'metrics'])
        .describe('What is answered without a token: `health` (/healthz, /readyz), `metrics` (/metrics)'),
      proxies: z
        .int()
        .min(0)
        .max(10)
        .default(0)
        .describe('Reverse proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed'),
      requestsPerMinute: z
        .int()
        .min(10)
        .max(1_000_000)
        .default(600)
        .meta({ unit: '1/min' })
        .describe('Requests of one address to the page and the REST interface; more are answered with 429'),
      tiles: tiles.optional(),
    })
    .prefault({}),
  model: z
    .strictObject({
      path: filePath
        .optional()
        .describe('Model sidecar (.json), relative to this file; absent: the one that comes with Clameur'),
      workers: z.int().min(1).max(64).default(1).describe('Threads that run the model'),
    })
    .prefault({}),
  listen: z
    .strictObject({
      unusual: z
        .boolean()
        .default(false)
        .describe('Also report loud sounds that are none of the known kinds'),
      thresholds: z
        .partialRecord(z.enum(EVENT_CLASSES), threshold)
        .optional()
        .describe('Thresholds by class; absent: the model’s own'),
      poleThresholds: z
        .record(z.string().regex(TOKEN), z.partialRecord(z.enum(EVENT_CLASSES), poleThreshold))
        .optional()
        .describe(
          'By pole and class, where one pole hears too much: {pole: {gunshot: {on: 0.7}}}; clameur report suggests some',
        ),
    })
    .prefault({}),
  locate: z
    .strictObject({
      weather: weather.optional(),
      fireworksPerMinute: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(10)
        .meta({ unit: '1/min' })
        .describe('More impulse incidents a minute than this become one grouped incident'),
    })
    .prefault({}),
  outbox: z
    .strictObject({
      maxMessages: z
        .int()
        .min(100)
        .max(10_000_000)
        .default(100_000)
        .meta({ unit: 'messages' })
        .describe(
          'Unsent events kept on disk (at most 8 kB each) while NATS is away; then superseded revisions give way',
        ),
    })
    .prefault({}),
  mode: z
    .enum(['development', 'production'])
    .default('development')
    .describe('In production the service refuses to start without a transparency record'),
  transparency: filePath
    .optional()
    .describe(
      'The operator’s part of the transparency record (YAML): purpose, legal basis, contact; see src/privacy',
    ),
  killSwitch: filePath
    .optional()
    .describe('File that must say `on`: else, or where it cannot be read, nothing is heard nor told'),
  audit: z
    .strictObject({
      key: filePath
        .optional()
        .describe('Ed25519 private key (PEM) that signs the audit log; absent: made in the data folder'),
      trustedKeys: z
        .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/))
        .default([])
        .describe('Public keys of other processes that may sign it; its own is always trusted'),
    })
    .prefault({}),
  retention: z
    .strictObject({
      eventsDays: days(10).describe('How long EVENTS keeps events; 10 at most'),
      unconfirmedDays: days(10, 7).describe(
        'How long EVENTS keeps incidents that nobody confirmed; they are deleted one by one',
      ),
      verdictsDays: days(365).describe('How long VERDICTS keeps verdicts; a year at most'),
      figuresDays: days(365).describe('How long FIGURES keeps the hourly figures; a year at most'),
      auditDays: days(365).describe('How long AUDIT keeps the audit log; a year at most'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
        .default('info')
        .describe('Least level that is logged'),
      pretty: z.boolean().default(false).describe('Lines for people instead of JSON (development only)'),
    })
    .prefault({}),
});

/** The service's configuration as read; the paths in it are absolute. */
export type ServiceConfig = z.output<typeof serviceSchema>;
