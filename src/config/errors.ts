/**
 * The one table of errors. Each names the thing and the mend; `{…}` are filled from the error's values.
 * `exitCode` is what a command ends with, `httpStatus` what the REST interface answers.
 */
export const ERRORS = {
  CONFIG_INVALID: {
    message:
      'Configuration {file}: {problem}. Mend the file; every key, default and unit: clameur serve --help.',
    exitCode: 2,
    httpStatus: 400,
  },
  SITE_INVALID: {
    message:
      'Site {file}: {problem}. Mend the GeoJSON: a FeatureCollection of poles, each a Point [lon, lat, altitude].',
    exitCode: 2,
    httpStatus: 400,
  },
  SCENE_INVALID: {
    message:
      'Scene {file}: {problem}. A scene is a folder with site.geojson, scene.json and one audio file per pole.',
    exitCode: 2,
    httpStatus: 400,
  },
  SIMULATION_INVALID: {
    message:
      'Simulation of {what}: {problem}. Mend it; options, kinds of sources and an example: clameur simulate --help.',
    exitCode: 2,
    httpStatus: 400,
  },
  RECORDING_UNREADABLE: {
    message: 'Recording {file}: {problem}. {mend}.',
    exitCode: 2,
    httpStatus: 400,
  },
  MODEL_MISSING: {
    message:
      'Model {file} cannot be read. Set model.path (CLAMEUR_MODEL_PATH) to a sidecar (.json) with its .onnx beside it, or install Clameur anew.',
    exitCode: 2,
    httpStatus: 500,
  },
  MODEL_INVALID: {
    message: 'Model {file}: {problem}. Mend its sidecar, or take the model that comes with Clameur.',
    exitCode: 2,
    httpStatus: 500,
  },
  MODEL_HASH_MISMATCH: {
    message:
      'Model {file} has SHA-256 {found}, but {sidecar} says {expected}. The file was changed or cut: fetch both again; never edit the hash.',
    exitCode: 2,
    httpStatus: 500,
  },
  CLASSIFIER_FAILED: {
    message:
      'The classifier stopped: {problem}. {next} If it comes back, look for memory running out, and run clameur doctor.',
    exitCode: 1,
    httpStatus: 503,
  },
  PORT_IN_USE: {
    message:
      'Port {port} on {host} is in use by another program. Stop it, or set http.port in the configuration (CLAMEUR_HTTP_PORT).',
    exitCode: 4,
    httpStatus: 500,
  },
  HTTP_FAILED: {
    message:
      'The HTTP server cannot listen on {host}:{port}: {problem}. Set http.host and http.port to an address of this machine.',
    exitCode: 4,
    httpStatus: 500,
  },
  NOT_FOUND: {
    message: 'There is no {path} here. What there is: /, /healthz, /readyz, /metrics and /api/v1/…',
    exitCode: 1,
    httpStatus: 404,
  },
  METHOD_NOT_ALLOWED: {
    message: '{method} is not possible on {path}. What is, stands in the header Allow.',
    exitCode: 1,
    httpStatus: 405,
  },
  TOKEN_NEEDED: {
    message:
      '{path} needs a token of the role {role} or above. Send it as "Authorization: Bearer …"; an operator of the machine makes one with clameur token.',
    exitCode: 1,
    httpStatus: 401,
  },
  ROLE_NEEDED: {
    message: '{method} {path} needs the role {role} or above. Ask for a token with that role.',
    exitCode: 1,
    httpStatus: 403,
  },
  FOREIGN_ORIGIN: {
    message:
      '{method} {path} was asked for by the page of another host. Use the page of this one, or a token.',
    exitCode: 1,
    httpStatus: 403,
  },
  RATE_LIMITED: {
    message:
      'Too many requests from this address. Wait a minute, or ask less often (http.requestsPerMinute).',
    exitCode: 1,
    httpStatus: 429,
  },
  ACCESS_INVALID: {
    message:
      'Access list {file}: {problem}. Each entry has a name, a role (viewer, technician, operator) and a sha256, as clameur token writes it; http.jwt.keys is a JWKS, a PEM or an https address.',
    exitCode: 2,
    httpStatus: 500,
  },
  INTERNAL: {
    message: 'Something broke inside the service. Its log tells more; please report it.',
    exitCode: 1,
    httpStatus: 500,
  },
  OUTBOX_LOCKED: {
    message:
      'The outbox {folder} is held by another process. Stop that process, or give this one a data folder of its own (CLAMEUR_DATA).',
    exitCode: 3,
    httpStatus: 500,
  },
  OUTBOX_FAILED: {
    message:
      'The outbox {folder} cannot be opened: {problem}. Make the folder writable and see that the disk has room.',
    exitCode: 3,
    httpStatus: 500,
  },
  OUTBOX_FULL: {
    message:
      'The outbox {folder} is full with {count} unsent messages, and event {id} was refused. Bring NATS back (clameur doctor).',
    exitCode: 3,
    httpStatus: 503,
  },
  OUTBOX_CLOSED: {
    message: 'The outbox {folder} is closed, and event {id} was refused: the service is ending.',
    exitCode: 3,
    httpStatus: 503,
  },
  CLAIM_UNSURE: {
    message:
      'An event is kept: this process cannot be sure that it still locates for the site. It is sent when the claim was renewed; see that NATS is reached and the machine is not short of time.',
    exitCode: 3,
    httpStatus: 503,
  },
  SOUND_STORED: {
    message:
      'Stream {stream} stores {subject}, on which sound travels, and sound must not be stored. Take that subject out of the stream (nats stream edit {stream}) and purge it.',
    exitCode: 3,
    httpStatus: 500,
  },
  JETSTREAM_OFF: {
    message:
      'The NATS server {server} has no JetStream for this account ({problem}). Start it with -js or a jetstream {} block.',
    exitCode: 3,
    httpStatus: 503,
  },
  STREAM_FAILED: {
    message: 'Stream {stream} cannot be made: {problem}. {mend}',
    exitCode: 3,
    httpStatus: 503,
  },
  NATS_CREDENTIALS: {
    message: 'The NATS credentials {file} cannot be read: {problem}. Mend {key} in the configuration.',
    exitCode: 2,
    httpStatus: 500,
  },
  PACKAGE_MISSING: {
    message:
      'Needed and not to be installed from here: {names}. Run as root: apt-get install {names}. (The demo can use a running server instead of nats-server: NATS_URL.)',
    exitCode: 3,
    httpStatus: 500,
  },
  FFMPEG_MISSING: {
    message:
      'Poles {poles} have streams, which ffmpeg reads, and it does not run here: {problem}. Run as root: apt-get install ffmpeg. Or take `streams` out of the configuration.',
    exitCode: 3,
    httpStatus: 500,
  },
  NATS_UNREACHABLE: {
    message: 'The NATS server {server} cannot be reached: {problem}. Start it, or give the right URL.',
    exitCode: 3,
    httpStatus: 503,
  },
  NATS_REFUSED: {
    message:
      'The NATS server {server} did not let this user send {subjects}. Name one who may in the address (nats://user:password@host); clameur permissions makes them.',
    exitCode: 3,
    httpStatus: 403,
  },
  EXERCISE_UNHEARD: {
    message:
      'No event told of the exercise at site {site} within {seconds} s. See that the service runs there with exercise: true and is ready (/readyz), and that this user may publish to exercise.{site}.> and subscribe to events.{site}.>.',
    exitCode: 1,
    httpStatus: 503,
  },
  EVENTS_NOT_SENT: {
    message:
      '{left} events were not acknowledged by {server}. See that JetStream is on and has room: clameur doctor.',
    exitCode: 3,
    httpStatus: 503,
  },
  TRANSPARENCY_MISSING: {
    message:
      'In production mode the service does not start without a transparency record: who runs it, what for, on what legal basis. Write one (src/privacy/README.md has an example) and let the key transparency name it.',
    exitCode: 2,
    httpStatus: 503,
  },
  TRANSPARENCY_INVALID: {
    message:
      'The transparency record {file}: {problem}. Mend the YAML; its fields and an example are in src/privacy/README.md.',
    exitCode: 2,
    httpStatus: 503,
  },
  TRANSPARENCY_EXPIRED: {
    message:
      'The transparency record {file} ran out on {until}, and in production mode the service does not start without one. Assess anew whether it may go on, and set until.',
    exitCode: 2,
    httpStatus: 503,
  },
  SWITCH_FAILED: {
    message:
      'The kill switch {file} cannot be written: {problem}. While it cannot be read either, the service is silent; mend its folder, or set killSwitch in the configuration.',
    exitCode: 2,
    httpStatus: 500,
  },
  AUDIT_KEY: {
    message:
      'The key {file} that signs the audit log cannot be had: {problem}. Let audit.key name an Ed25519 private key in PEM (openssl genpkey -algorithm ed25519), or let the service make one in its data folder.',
    exitCode: 2,
    httpStatus: 500,
  },
  AUDIT_UNREADABLE: {
    message: 'The audit log {source} cannot be read: {problem}. {mend}.',
    exitCode: 3,
    httpStatus: 503,
  },
  VERDICT_INVALID: {
    message:
      'Verdict refused: {problem}. Send JSON such as {"incidentId": "5c1e9f0a7b3d2c48", "verdict": "dismissed", "reason": "fireworks"}; src/review/README.md lists the fields.',
    exitCode: 2,
    httpStatus: 400,
  },
  INCIDENT_UNKNOWN: {
    message:
      'Site {site} has told of no incident {incidentId} in the last {days} days. Take incidentId from an event of events.{site}.> .',
    exitCode: 2,
    httpStatus: 404,
  },
  VERDICT_NOT_READY: {
    message:
      'Verdicts cannot be taken yet: NATS is not connected. Send it again; if that does not help: clameur doctor.',
    exitCode: 3,
    httpStatus: 503,
  },
  VERDICT_NOT_KEPT: {
    message:
      'The verdict on {incidentId} could not be stored ({problem}) and does not count. Send it again; if that does not help: clameur doctor.',
    exitCode: 3,
    httpStatus: 503,
  },
  EVAL_INVALID: {
    message: 'Evaluation of {what}: {problem}. {mend} (Options and examples: clameur eval --help.)',
    exitCode: 2,
    httpStatus: 400,
  },
  BENCH_FAILED: {
    message: 'The bench cannot go on: {problem}. Build first (npm run build), and run clameur doctor.',
    exitCode: 2,
    httpStatus: 500,
  },
  HISTORY_AWAY: {
    message: 'The past incidents cannot be read: {problem}. Bring NATS with JetStream back (clameur doctor).',
    exitCode: 3,
    httpStatus: 503,
  },
  QUERY_INVALID: {
    message: 'Parameter {parameter}: {problem}. What there is: /api/v1/openapi.json.',
    exitCode: 2,
    httpStatus: 400,
  },
  POLE_UNKNOWN: {
    message: 'Site {site} has no pole "{pole}". The names stand in its site.geojson (/api/v1/site).',
    exitCode: 2,
    httpStatus: 404,
  },
  TOO_MANY_VIEWERS: {
    message: '{count} pages follow live already. Close one, or ask /api/v1/incidents now and then.',
    exitCode: 1,
    httpStatus: 503,
  },
  UPLOAD_TOO_LARGE: {
    message:
      'The upload has more than {limit}. Cut the recording to what you ask about, or use clameur replay on the command line, which has no limit.',
    exitCode: 2,
    httpStatus: 413,
  },
  UPLOAD_TYPE: {
    message:
      'The upload {name} is none of what can be replayed: WAV, FLAC, Ogg Vorbis or MP3, or a zip or tar of a scene. (Its content was looked at, not its name.) Convert it: ffmpeg -i IN OUT.flac.',
    exitCode: 2,
    httpStatus: 415,
  },
  UPLOAD_INVALID: {
    message: 'The upload {name}: {problem}. {mend}.',
    exitCode: 2,
    httpStatus: 400,
  },
  REPLAY_BUSY: {
    message:
      'Another recording is being replayed here just now. Wait until it has ended, some seconds, and try again.',
    exitCode: 1,
    httpStatus: 409,
  },
  REPLAY_UNKNOWN: {
    message:
      'There is no replay {id} here: results are kept in memory for half an hour, and are gone at a restart. Upload the recording again.',
    exitCode: 1,
    httpStatus: 404,
  },
  REPLAY_FAILED: {
    message:
      'The replay broke off: {problem}. Replay it with clameur replay on the command line to see more.',
    exitCode: 1,
    httpStatus: 500,
  },
  REPORT_UNWRITABLE: {
    message:
      'The report cannot be written to {file}: {problem}. Name a file in a folder that is there and writable.',
    exitCode: 2,
    httpStatus: 500,
  },
  MICROPHONE_UNAVAILABLE: {
    message:
      'The microphone cannot be opened: {problem}. See that this computer has one (arecord -l) and that no other program holds it.',
    exitCode: 2,
    httpStatus: 500,
  },
  CONSOLE_MISSING: {
    message: 'The console is not built: {folder} is not there. Build it: npm run build.',
    exitCode: 1,
    httpStatus: 503,
  },
} as const satisfies Record<string, { message: string; exitCode: number; httpStatus: number }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the table: `code` for programs, `message` for people, `cause` for what lay beneath. */
export class ClameurError extends Error {
  override readonly name = 'ClameurError';
  readonly exitCode: number;
  readonly httpStatus: number;

  constructor(
    readonly code: ErrorCode,
    readonly values: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    const { message, exitCode, httpStatus } = ERRORS[code];
    super(
      message.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole)),
      options,
    );
    this.exitCode = exitCode;
    this.httpStatus = httpStatus;
  }
}
