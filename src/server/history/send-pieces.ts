import { once } from 'node:events';
import type { Response } from 'express';
import { Slices } from '../../publish/index.js';

const WRITE_CHARACTERS = 64 * 1024;

/** A long answer in slices: neither the event loop is held nor the whole of it in memory. */
export async function sendPieces(response: Response, pieces: Iterable<string>): Promise<void> {
  const slices = new Slices();
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (slices.due) await slices.rest();
    if (text.length < WRITE_CHARACTERS) continue;
    if (response.destroyed) return;
    if (!response.write(text)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    text = '';
  }
  response.end(text);
}
