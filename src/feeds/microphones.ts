import type { Pole } from '../config/index.js';

/** Whether the channels of a feed are microphones whose places the site gives, so that they tell a direction. */
export function hasMicrophones({ microphones }: Pole, channelCount: number): boolean {
  return channelCount > 1 && microphones?.length === channelCount;
}
