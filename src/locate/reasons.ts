import { IMPULSE_CLASSES } from '../config/index.js';
import { bestByPole } from './confidence.js';
import type { Reason } from './incident.js';
import type { ImpulseIncident } from './impulse.js';
import type { Settings } from './options.js';
import type { Placement } from './placement.js';
import type { MappedPole } from './pole-map.js';

const RUNNERS_UP = 3;
const WORTH_TELLING = 0.1;

/** What spoke for and against, in plain sentences for the operator. */
export function evidenceReasons(
  incident: ImpulseIncident,
  placement: Placement,
  silent: readonly MappedPole[],
  settings: Settings,
): Reason[] {
  const best = bestByPole(incident);
  const { on } = settings.thresholds[incident.class];
  const alike = best.filter(({ arrival, strong }) =>
    settings.unscored ? strong : (arrival.scores[incident.class] ?? 0) >= on,
  ).length;
  const reasons: Reason[] = runnersUp(incident);
  const heard = new Set(incident.shots.flatMap(({ members }) => members.map(({ pole }) => pole.index))).size;
  reasons.push({
    class: 'evidence',
    text:
      heard === 1
        ? `One pole heard it, ${best.some(({ strong }) => strong) ? 'clearly enough to stand alone' : 'weakly'}.`
        : `${heard} poles heard it, ${alike} of them as ${incident.class} above ${on}.`,
  });
  if (placement.located) {
    const residuals = [...placement.residuals.values()];
    const rms = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / Math.max(residuals.length, 1));
    reasons.push({
      class: 'evidence',
      text: `Travel times fit one place to ${(rms * 1000).toFixed(0)} ms.`,
    });
  }
  if (silent.length > 0) {
    const names = silent.slice(0, 3).map(({ pole }) => pole);
    reasons.push({
      class: 'evidence',
      text: `${silent.length} listening ${silent.length === 1 ? 'pole' : 'poles'} within earshot heard nothing (${names.join(', ')}${silent.length > 3 ? ' …' : ''}).`,
    });
  }
  if (placement.doubt) reasons.push({ class: 'evidence', text: placement.doubt });
  return reasons;
}

/** The other classes that the model saw in the strong arrivals: the highest score over the poles. */
function runnersUp(incident: ImpulseIncident): Reason[] {
  const highest = new Map<string, { score: number; pole: string }>();
  for (const { arrival, pole } of bestByPole(incident)) {
    for (const [name, score] of Object.entries(arrival.scores)) {
      if (name === incident.class || score < WORTH_TELLING) continue;
      if (score > (highest.get(name)?.score ?? 0)) highest.set(name, { score, pole: pole.pole });
    }
  }
  return [...highest]
    .sort((a, b) => b[1].score - a[1].score || (a[0] < b[0] ? -1 : 1))
    .slice(0, RUNNERS_UP)
    .map(([name, { score, pole }]) => ({
      class: name,
      score,
      text: (IMPULSE_CLASSES as readonly string[]).includes(name)
        ? `Might be ${name}: ${score} at ${pole}.`
        : `Sounded like ${name} too: ${score} at ${pole}.`,
    }));
}
