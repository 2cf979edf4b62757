import { ClameurError } from '../config/index.js';

/** Says on standard error what went wrong and how to mend it; gives the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof ClameurError) {
    process.stderr.write(`clameur: ${error.message} [${error.code}]\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `clameur: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

/** One JSON value a line on standard output; `bigint` times never get here. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
