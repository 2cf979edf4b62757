import type { NatsConnection } from 'nats';
import { answerVerdicts, Reviewer, type ReviewerOptions } from '../review/index.js';

/** Verdicts are taken from here on, over NATS and by what is given back; those an earlier process left are told first. */
export async function startReviewing(nc: NatsConnection, options: ReviewerOptions): Promise<Reviewer> {
  const { site, log } = options;
  const reviewer = new Reviewer(options);
  try {
    const mended = await reviewer.mend();
    if (mended > 0) log.info({ verdicts: mended }, 'verdicts that an earlier run had not told are told now');
  } catch (err) {
    log.warn({ err }, 'the verdicts of the last day could not be read');
  }
  answerVerdicts(nc, site, reviewer, log);
  return reviewer;
}
