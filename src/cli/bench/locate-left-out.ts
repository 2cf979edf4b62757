import { scoreScene, type ArrivalScene } from './locate-scenes.js';

/** What is tried for the spread of bent paths, seconds. */
const SPREADS_SECONDS = [0.003, 0.005, 0.007, 0.01, 0.013, 0.016] as const;
const WANTED_COVERAGE = 0.95;

export interface LeftOut {
  /** The firing position that had no say. */
  position: string;
  /** The smallest spread with which the ellipses of the other positions hold the truth 95 % of the time. */
  chosenSeconds: number;
  /** How often the ellipses of the one left out hold it with that spread … */
  heldWithChosen: number;
  /** … and with the locator's own. */
  held: number;
  shots: number;
}

/** Leaves out each firing position (the scene's name up to the first dash) and lets the others choose the spread. */
export function leaveOneOut(scenes: readonly ArrivalScene[]): LeftOut[] {
  const positions = [...new Set(scenes.map(positionOf))].sort();
  if (positions.length < 2) return [];
  const held = new Map<string, boolean[]>();
  const key = (position: string, spread: number | undefined) => `${position} ${spread}`;
  for (const spread of [undefined, ...SPREADS_SECONDS]) {
    for (const scene of scenes) {
      const at = key(positionOf(scene), spread);
      held.set(at, [...(held.get(at) ?? []), ...scoreScene(scene, undefined, spread).held]);
    }
  }
  const coverage = (of: readonly string[], spread: number | undefined): number => {
    const all = of.flatMap((position) => held.get(key(position, spread)) ?? []);
    return all.filter(Boolean).length / all.length;
  };
  return positions.map((position) => {
    const others = positions.filter((one) => one !== position);
    const chosenSeconds =
      SPREADS_SECONDS.find((spread) => coverage(others, spread) >= WANTED_COVERAGE) ??
      SPREADS_SECONDS[SPREADS_SECONDS.length - 1];
    return {
      position,
      chosenSeconds,
      heldWithChosen: coverage([position], chosenSeconds),
      held: coverage([position], undefined),
      shots: held.get(key(position, undefined))?.length ?? 0,
    };
  });
}

function positionOf({ name }: ArrivalScene): string {
  return name.split('-')[0];
}
