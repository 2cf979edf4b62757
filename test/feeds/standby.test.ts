import { expect, test } from 'vitest';
import { RESCUE_SECONDS } from '../../src/feeds/frame-shelf.js';
import { Standby } from '../../src/feeds/standby.js';
import { waitFor } from '../support/service.js';

const frame = (value: number): { subject: string; payload: Uint8Array; signature: undefined } => ({
  subject: 'audio.port.p1',
  payload: new Uint8Array([value]),
  signature: undefined,
});

test('a pole that is rescued while the classifier is behind loses nothing for four seconds, and tells what it loses then', async () => {
  const heard: number[] = [];
  let lost = 0;
  let free = (): void => undefined;
  const busy = new Promise<void>((resolve) => (free = resolve));
  const standby = new Standby(
    (_, { payload }) => {
      heard.push(payload[0]);
      return busy;
    },
    (_, frames) => (lost += frames),
  );
  standby.share(['p1'], []);
  for (let k = 1; k <= 30; k++) expect(standby.keeps('p1', frame(k), k / 10)).toBe(true);
  standby.share([], ['p1']);
  standby.rescue();
  for (let k = 31; k <= 40; k++) expect(standby.keeps('p1', frame(k), k / 10)).toBe(true);
  standby.tick(4.1);
  expect(heard).toEqual([1]);
  expect(lost).toBe(0);
  // Frame 2 came at 0.2 s: the first that is too old.
  expect(standby.keeps('p1', frame(41), 0.25 + RESCUE_SECONDS)).toBe(true);
  expect(lost).toBe(1);
  free();
  await waitFor('the shelf to be heard', () => heard.length === 40, 5);
  expect(heard).toEqual([1, ...Array.from({ length: 39 }, (_, i) => i + 3)]);
  expect(standby.keeps('p1', frame(42), 5)).toBe(false);
});
