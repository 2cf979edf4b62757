/**
 * `idle`: nothing to send. `sending`: at least one message is under way. `waiting`: all that is left waits, for NATS
 * or for its next try. `closed`: for good; what is left is on disk for the next process.
 */
export type OutboxState = 'idle' | 'sending' | 'waiting' | 'closed';

/** What may follow what; anything else is a fault in the outbox. */
export const OUTBOX_TRANSITIONS: Readonly<Record<OutboxState, readonly OutboxState[]>> = {
  idle: ['sending', 'waiting', 'closed'],
  sending: ['idle', 'waiting', 'closed'],
  waiting: ['sending', 'idle', 'closed'],
  closed: [],
};

/** The state that follows from what is there. */
export function outboxState(facts: { closed: boolean; depth: number; underWay: number }): OutboxState {
  if (facts.closed) return 'closed';
  if (facts.underWay > 0) return 'sending';
  return facts.depth > 0 ? 'waiting' : 'idle';
}
