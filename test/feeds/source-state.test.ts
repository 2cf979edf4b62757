import { expect, test } from 'vitest';
import type { FeedState } from '../../src/feeds/index.js';
import { SourceState, TRANSITIONS } from '../../src/feeds/source-state.js';

test('the table of a feed’s states is the one that is documented', () => {
  expect(TRANSITIONS).toEqual({
    waiting: { bytes: 'live', quiet: 'waiting', fault: 'failed' },
    live: { bytes: 'live', quiet: 'stalled', fault: 'failed' },
    stalled: { bytes: 'live', quiet: 'stalled', fault: 'failed' },
    failed: { bytes: 'live', quiet: 'failed', fault: 'failed' },
  });
});

test('a feed stalls after 2 s without bytes, comes back with the next, and tells each change once', () => {
  const told: [FeedState, string | undefined][] = [];
  const state = new SourceState((next, reason) => told.push([next, reason]));
  state.tick(0);
  state.tick(100);
  expect(state.state).toBe('waiting');
  state.bytes(100);
  state.bytes(100.1);
  state.tick(102.05);
  expect(state.state).toBe('live');
  state.tick(102.1);
  state.tick(103);
  state.bytes(110);
  state.fail('the key is wrong');
  state.fail('the key is wrong');
  state.tick(200);
  state.bytes(201);
  expect(told).toEqual([
    ['live', undefined],
    ['stalled', 'no bytes for 2 s'],
    ['live', undefined],
    ['failed', 'the key is wrong'],
    ['live', undefined],
  ]);
});
