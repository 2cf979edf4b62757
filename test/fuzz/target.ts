import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { ClameurError, ERRORS } from '../../src/config/index.js';
import { damaged, damagedJson } from './arbitraries.js';

/** Something that reads what others send. `share`: of all runs. */
export interface Target<T = unknown> {
  name: string;
  share: number;
  input: fc.Arbitrary<T>;
  /** Throws only what it may; gives false where what it made of the input is wrong. */
  run(input: T): boolean | void | Promise<boolean | void>;
  close?(): Promise<void>;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
export function target<T>(
  name: string,
  share: number,
  input: fc.Arbitrary<T>,
  run: (input: T) => boolean | void | Promise<boolean | void>,
  close?: () => Promise<void>,
): Target {
  return { name, share, input, run, ...(close && { close }) } as Target;
}

/** What the table's messages leave open; an input may well hold `{0}`. */
const HOLES = new RegExp(
  [...new Set(Object.values(ERRORS).flatMap(({ message }) => message.match(/\{\w+\}/g) ?? []))].join('|'),
);

/** A reader may refuse by an error of the table, which names the thing and the mend. */
export function refusing(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ClameurError)) throw error;
    if (HOLES.test(error.message)) throw new Error(`a message with a hole: ${error.message}`);
  }
}

export const jsonText = (valid: readonly unknown[]) =>
  fc.oneof(
    damagedJson(valid).map((value) => JSON.stringify(value) ?? ''),
    damaged(valid.map((value) => new TextEncoder().encode(JSON.stringify(value)))).map((bytes) =>
      new TextDecoder().decode(bytes),
    ),
  );

/** The same for what takes time. */
export async function refusingLater(run: () => Promise<unknown>): Promise<void> {
  const error: unknown = await run().then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error !== undefined)
    refusing(() => {
      throw error;
    });
}
