import type { StoredMessage } from './outbox-store.js';

/** The messages of one incident, in order; the head is under way where `busy`. */
export interface Lane {
  messages: StoredMessage[];
  busy: boolean;
  /** In a row. */
  failures: number;
  /** Milliseconds since 1970 before which the head is not tried again. */
  notBefore: number;
}

const FIRST_DELAY_MILLIS = 100;
const LONGEST_DELAY_MILLIS = 10_000;

/** Exponential back-off with full jitter on its upper half, so that many lanes do not knock at once. */
export function nextDelayMillis(failures: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_DELAY_MILLIS, FIRST_DELAY_MILLIS * 2 ** Math.min(failures, 20));
  return full / 2 + (full / 2) * random();
}

/**
 * The message that may give way in a full outbox: every event tells its incident's whole state, so one that a later
 * revision follows loses the hub no incident. A lane's first (usually `detected`) goes last; heads under way stay.
 */
export function superseded(lanes: Iterable<Lane>): StoredMessage | undefined {
  let middle: StoredMessage | undefined;
  let first: StoredMessage | undefined;
  for (const { messages, busy } of lanes) {
    if (messages.length > 2) middle = older(middle, messages[1]);
    if (messages.length > 1 && !busy) first = older(first, messages[0]);
  }
  return middle ?? first;
}

function older(a: StoredMessage | undefined, b: StoredMessage): StoredMessage {
  return a && a.key < b.key ? a : b;
}
