import { scoreScene, type ArrivalScene, type Calibration, type SceneScore } from './locate-scenes.js';

/** χ² of two degrees of freedom at 95 %. */
const CHI_SQUARED_95 = 5.991;

export interface LeftOut {
  /** The firing position that had no say. */
  position: string;
  shots: number;
  /** How often the ellipses of the one left out hold the truth as the locator draws them … */
  held: number;
  /** … and as the others alone would have them drawn. */
  heldByOthers: number;
  spreadSeconds: number;
  floorMeters: number;
}

/** Leaves out each firing position (the scene's name up to the first dash) and lets the others calibrate its ellipses. */
export function leaveOneOut(scenes: readonly ArrivalScene[]): LeftOut[] {
  const positions = [...new Set(scenes.map(positionOf))].sort();
  if (positions.length < 2) return [];
  const own = new Map(scenes.map((scene) => [scene, scoreScene(scene)]));
  return positions.map((position) => {
    const left = scenes.filter((scene) => positionOf(scene) === position);
    const calibration = calibrate(
      scenes.filter((scene) => !left.includes(scene)),
      own,
    );
    const held = left.flatMap((scene) => own.get(scene)!.held);
    return {
      position,
      shots: held.length,
      held: shareOf(held),
      heldByOthers: shareOf(left.flatMap((scene) => scoreScene(scene, undefined, calibration).held)),
      spreadSeconds: calibration.propagationSpreadSeconds,
      floorMeters: calibration.ellipseFloorMeters,
    };
  });
}

/**
 * The spread from the times' residuals. The floor from how far the mean place of each position's shots lies from its
 * survey, squared and averaged over the positions, less what that spread makes of it: as the 95 % of a normal
 * distribution round the survey.
 */
function calibrate(
  scenes: readonly ArrivalScene[],
  scores: ReadonlyMap<ArrivalScene, SceneScore>,
): Required<Calibration> {
  const sum = (of: (score: SceneScore) => number): number =>
    scenes.reduce((total, scene) => total + of(scores.get(scene)!), 0);
  const propagationSpreadSeconds = Math.sqrt(
    sum(({ residualSquares }) => residualSquares) / sum(({ residualsFree }) => residualsFree),
  );
  const bare = { propagationSpreadSeconds, ellipseFloorMeters: 0 };
  const positions = new Map<string, SceneScore['claims']>();
  for (const scene of scenes) {
    const before = positions.get(positionOf(scene)) ?? [];
    positions.set(positionOf(scene), [...before, ...scoreScene(scene, undefined, bare).claims]);
  }
  let excess = 0;
  for (const claims of positions.values()) {
    const mean = (of: (claim: SceneScore['claims'][number]) => number): number =>
      claims.reduce((total, claim) => total + of(claim), 0) / claims.length;
    const bias = mean(({ east }) => east) ** 2 + mean(({ north }) => north) ** 2;
    const variance = mean(
      ({ ellipse }) => (ellipse.semiMajorMeters ** 2 + ellipse.semiMinorMeters ** 2) / CHI_SQUARED_95,
    );
    excess += (bias - variance) / positions.size;
  }
  return {
    propagationSpreadSeconds,
    ellipseFloorMeters: Math.sqrt((CHI_SQUARED_95 * Math.max(excess, 0)) / 2),
  };
}

const positionOf = ({ name }: ArrivalScene): string => name.split('-')[0];

const shareOf = (held: readonly boolean[]): number => held.filter(Boolean).length / held.length;
