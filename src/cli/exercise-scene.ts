import { setTimeout as waitMillis } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { ClameurError } from '../config/index.js';
import type { Scene } from '../feeds/index.js';
import type { CloudEvent, EventData } from '../publish/index.js';
import { playScene } from '../simulate/index.js';
import { checkIncidents, shiftTruth, type CheckResult } from './check.js';

const LEAD_MILLIS = 500;
const POLL_MILLIS = 100;

/**
 * Plays a scene as an exercise and compares what the hub's subject then told with the scene's truth. Ends when every
 * incident that was told is closed and nothing of the truth is missing, or `waitSeconds` after the sound.
 * Throws EXERCISE_UNHEARD where nothing at all was told.
 */
export async function exerciseScene(
  connection: NatsConnection,
  scene: Scene,
  waitSeconds: number,
): Promise<CheckResult> {
  const { site } = scene.site;
  const startAtMillis = Date.now() + LEAD_MILLIS;
  const last = new Map<string, CloudEvent>();
  connection.subscribe(`events.${site}.>`, {
    callback: (error, message) => {
      if (error) return;
      const event = message.json<CloudEvent>();
      const { exercise, incidentId, onset, revision } = event.data;
      if (!exercise || Date.parse(onset) < startAtMillis - LEAD_MILLIS) return;
      const known = last.get(incidentId);
      if (!known || known.data.revision < revision) last.set(incidentId, event);
    },
  });
  await playScene(connection, scene, { prefix: 'exercise', startAtMillis });
  const truth = shiftTruth(scene, startAtMillis);
  const until = performance.now() + waitSeconds * 1000;
  const settled = (): boolean =>
    last.size >= truth.length &&
    last.size > 0 &&
    [...last.values()].every(({ type }) => type.includes('.closed.'));
  while (!settled() && performance.now() < until) await waitMillis(POLL_MILLIS);
  if (last.size === 0 && truth.length > 0)
    throw new ClameurError('EXERCISE_UNHEARD', { site, seconds: waitSeconds });
  return checkIncidents(
    truth,
    [...last.values()].map(({ data }): EventData => data),
  );
}

/** A line a happening: what was told of it, or what differs. */
export function describeExercise({ matches, unexpected }: CheckResult): string {
  const lines = matches.map(({ truth, event, errorMeters, problems }) => {
    if (!event) return `${truth.class}: not heard`;
    const where = errorMeters === undefined ? '' : `, ${Math.round(errorMeters)} m from where it was`;
    return `${truth.class}: heard, ${event.method}${where}${problems.length > 0 ? `; ${problems.join('; ')}` : ''}`;
  });
  return [...lines, ...unexpected.map((event) => `${event.class}: told, but not in the scene`), ''].join(
    '\n',
  );
}
