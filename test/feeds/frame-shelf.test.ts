import { describe, expect, test } from 'vitest';
import { FrameShelf, SHELF_SECONDS, type ShelvedFrame } from '../../src/feeds/frame-shelf.js';

const frame = (value: number, bytes = 100): ShelvedFrame => ({
  subject: 'audio.port.p1',
  payload: new Uint8Array(bytes).fill(value),
  signature: undefined,
});

/** All that is left, oldest first: the first byte of each, and the payloads as they are afterwards. */
function emptied(shelf: FrameShelf): { values: number[]; payloads: Uint8Array[] } {
  const values: number[] = [];
  const payloads: Uint8Array[] = [];
  const use = ({ payload }: ShelvedFrame): void => {
    values.push(payload[0]);
    payloads.push(payload);
  };
  while (shelf.takeOldest('p1', use));
  return { values, payloads };
}

describe('the frames of a pole that another process hears', () => {
  test('are kept for three and a half seconds, whether more come or not', () => {
    const shelf = new FrameShelf();
    for (let k = 1; k <= 50; k++) shelf.put('p1', frame(k), k / 10);
    expect(emptied(shelf).values).toEqual(Array.from({ length: 36 }, (_, i) => i + 15));
    shelf.put('p1', frame(1), 10);
    shelf.tick(10.1 + SHELF_SECONDS);
    expect(emptied(shelf).values).toEqual([]);
  });

  test('of a flood of tiny ones no more are kept than a pole of 10 ms frames sends, the newest', () => {
    const shelf = new FrameShelf();
    for (let k = 0; k < 1000; k++) shelf.put('p1', frame(k % 251, 33), k / 10_000);
    const { values } = emptied(shelf);
    expect(values).toHaveLength(400);
    expect(values.at(-1)).toBe(999 % 251);
  });

  test('are copies of what came, zeroed once they were used', () => {
    const shelf = new FrameShelf();
    const came = frame(7);
    shelf.put('p1', came, 0);
    came.payload.fill(0);
    const { values, payloads } = emptied(shelf);
    expect(values).toEqual([7]);
    expect(payloads[0].every((byte) => byte === 0)).toBe(true);
  });

  test('are at most 4 MiB, however much the pole sends', () => {
    const shelf = new FrameShelf();
    for (let k = 1; k <= 20; k++) shelf.put('p1', frame(k, 500_000), 0);
    expect(emptied(shelf).values).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
  });
});
