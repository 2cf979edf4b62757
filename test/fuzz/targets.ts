import type { Target } from './target.js';
import { audioTargets } from './targets-audio.js';
import { messageTargets } from './targets-messages.js';
import { serverTargets } from './targets-server.js';
import { streamTargets } from './targets-streams.js';
import { textTargets } from './targets-text.js';

/** Everything that reads bytes or text of others; the shares come to about one. */
export async function targets(): Promise<Target[]> {
  return [
    ...messageTargets(),
    ...textTargets(),
    ...streamTargets(),
    ...(await audioTargets()),
    ...(await serverTargets()),
  ];
}
