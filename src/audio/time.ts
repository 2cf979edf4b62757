/**
 * Time on the wire and in every decision: UTC in nanoseconds since 1970 as a 64-bit integer.
 * A double loses up to 256 ns at today's dates, so times are `bigint`; only differences become numbers.
 */
export type Nanos = bigint;

export const NANOS_PER_SECOND = 1_000_000_000n;

/** A difference in seconds as nanoseconds, rounded to the nearest. */
export function secondsToNanos(seconds: number): Nanos {
  return BigInt(Math.round(seconds * 1e9));
}

/** `later - earlier` in seconds. Exact to a nanosecond up to 104 days. */
export function secondsBetween(earlier: Nanos, later: Nanos): number {
  return Number(later - earlier) / 1e9;
}

/** The last multiple of `step` at or before `time` (times before 1970 included). */
export function floorTo(time: Nanos, step: Nanos): Nanos {
  const rest = time % step;
  return rest < 0n ? time - rest - step : time - rest;
}

/** RFC 3339 in UTC with `digits` (0 to 9) fractional digits, cut rather than rounded, so that it never runs ahead. */
export function formatTime(time: Nanos, digits = 6): string {
  const second = floorTo(time, NANOS_PER_SECOND);
  const date = new Date(Number(second / 1_000_000n)).toISOString().slice(0, 19);
  if (digits === 0) return `${date}Z`;
  return `${date}.${(time - second).toString().padStart(9, '0').slice(0, digits)}Z`;
}

/**
 * Reads RFC 3339, with any number of fractional digits (past nine are cut) and any offset.
 * Throws RangeError with the text where it is not such a time.
 */
export function parseTime(text: string): Nanos {
  const match = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  const millis = match ? Date.parse(`${match[1]}T${match[2]}${match[4].toUpperCase()}`) : NaN;
  if (!match || Number.isNaN(millis)) {
    throw new RangeError(`"${text}" is not an RFC 3339 time such as 2026-05-01T22:04:05.250Z`);
  }
  return BigInt(millis) * 1_000_000n + BigInt((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
}
