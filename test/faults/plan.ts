import type { Random } from '../../src/simulate/index.js';

export const FAULTS = [
  'kill a listener',
  'stop a listener',
  'freeze a listener',
  'kill the locator',
  'stop the locator',
  'freeze the locator',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface PlannedFault {
  fault: Fault;
  atSeconds: number;
  /** How long the process stays away, or is frozen. */
  awaySeconds: number;
}

/** Every kind in random order, again and again, one each `everySeconds`. */
export function planFaults(random: Random, seconds: number, everySeconds: number): PlannedFault[] {
  const plan: PlannedFault[] = [];
  let left: Fault[] = [];
  for (let at = everySeconds; at < seconds - everySeconds; at += everySeconds) {
    if (left.length === 0) left = [...FAULTS];
    const [fault] = left.splice(random.int(0, left.length - 1), 1);
    plan.push({ fault, atSeconds: at, awaySeconds: random.uniform(0.5, 4) });
  }
  return plan;
}
