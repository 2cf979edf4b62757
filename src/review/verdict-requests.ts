import { headers, type Msg, type NatsConnection, type Subscription } from 'nats';
import { ClameurError } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';
import type { Reviewer } from './reviewer.js';
import type { RecordedVerdict } from './verdict.js';

/** A verdict with the longest note in any script has less. */
const MAX_BYTES = 8 * 1024;

/**
 * Subjects of the site and of NATS itself. Who asks names where the answer goes, and the service may publish on these:
 * an answer there would be a message that the hub itself may not send.
 */
const NO_INBOX =
  /^(\$|(audio|audit|clameur|detections|events|exercise|figures|listeners|reviews|verdicts|weather)\.)/;

/** The answer to a request on `verdicts.<site>`: what was recorded, or the error. */
export type VerdictAnswer = RecordedVerdict | { error: { code: string; message: string } };

/**
 * Answers requests on `verdicts.<site>`, core NATS. No stream may hold that subject: its acknowledgement would be the
 * first answer. Of several processes one answers (queue group).
 */
export function answerVerdicts(
  connection: NatsConnection,
  site: string,
  reviewer: Reviewer,
  log: Logger,
): Subscription {
  return connection.subscribe(`verdicts.${site}`, {
    queue: 'clameur',
    callback: (error, message) => {
      if (error) return log.error({ err: error }, 'verdicts cannot be received');
      if (NO_INBOX.test(message.reply ?? ''))
        return log.warn(
          { reply: message.reply },
          'a verdict that wants its answer on such a subject is ignored',
        );
      void answer(message, reviewer, log);
    },
  });
}

async function answer(message: Msg, reviewer: Reviewer, log: Logger): Promise<void> {
  try {
    const recorded = await reviewer.record(readJson(message));
    message.respond(JSON.stringify(recorded satisfies VerdictAnswer));
  } catch (err) {
    const known = err instanceof ClameurError ? err : new ClameurError('INTERNAL', {}, { cause: err });
    if (known.httpStatus >= 500) log.error({ err }, 'a verdict was not recorded');
    else log.warn({ code: known.code, problem: known.message }, 'a verdict was refused');
    const header = headers();
    header.set('Nats-Service-Error-Code', String(known.httpStatus));
    header.set('Nats-Service-Error', known.code);
    const body: VerdictAnswer = { error: { code: known.code, message: known.message } };
    message.respond(JSON.stringify(body), { headers: header });
  }
}

function readJson(message: Msg): unknown {
  if (message.data.length > MAX_BYTES) {
    const problem = `${message.data.length} bytes are more than the ${MAX_BYTES} that a verdict may have`;
    throw new ClameurError('VERDICT_INVALID', { problem });
  }
  try {
    return JSON.parse(message.string()) as unknown;
  } catch (cause) {
    throw new ClameurError('VERDICT_INVALID', { problem: 'it is not JSON' }, { cause });
  }
}
