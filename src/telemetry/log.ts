import { createRequire } from 'node:module';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

export interface LogOptions {
  level?: string;
  /** Lines for people instead of JSON; needs the development dependencies. */
  pretty?: boolean;
  /** Where lines go; standard error by default, so that standard output stays free for `--json`. */
  destination?: { write(line: string): void };
}

const SECRET_KEYS = ['password', 'pass', 'token', 'nkey', 'seed', 'jwt', 'authorization', 'privateKey'];
const REDACTED = '***';

/**
 * Takes secrets out of a finished log line: user names and passwords in URLs (RTSP and NATS errors quote them),
 * nkey seeds, JWTs and our own tokens, wherever in the line they stand.
 */
export function scrub(line: string): string {
  return line
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]+@/gi, `$1${REDACTED}@`)
    .replace(/\bS[ACNOUX][A-Z2-7]{56}\b/g, REDACTED)
    .replace(/\bclm_[\w-]{16,}/g, REDACTED)
    .replace(/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`)
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, REDACTED);
}

/** Structured JSON lines with ISO times; errors with their code and cause; secrets taken out. */
export function createLogger({ level = 'info', pretty = false, destination }: LogOptions = {}): Logger {
  const target = destination ?? (pretty ? prettyStream() : pino.destination({ fd: 2, sync: false }));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: REDACTED },
      serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: scrub },
    },
    target,
  );
}

/** For tests and for commands that say everything themselves. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

function prettyStream(): { write(line: string): void } {
  const require = createRequire(import.meta.url);
  try {
    const pretty = require('pino-pretty') as (options: object) => { write(line: string): void };
    return pretty({ destination: 2, colorize: process.stderr.isTTY, sync: true });
  } catch {
    const plain = pino.destination({ fd: 2, sync: false });
    plain.write(
      '{"level":"warn","msg":"log.pretty needs the package pino-pretty (npm install); logging JSON"}\n',
    );
    return plain;
  }
}
