import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import { solve, type Solution, type TimedArrival } from './solver.js';
import type { Settings } from './options.js';

/** Bearings worse than this many degrees say nothing. */
const RADIANS = Math.PI / 180;

/** 1σ of what is an arrival's own: bent paths, clock, onset, and its pole's position, seconds. */
export function arrivalSigma(heard: HeardArrival, air: Air, settings: Settings, repeats = 1): number {
  const clock = heard.arrival.clockUncertaintySeconds ?? 1;
  const position = heard.pole.positionUncertaintyMeters / air.soundSpeed;
  // Spread, clock and position are the same for every shot of one place: repeats do not average them out.
  const common = settings.propagationSpreadSeconds ** 2 + clock ** 2 + position ** 2;
  return Math.sqrt(repeats * common + heard.arrival.onsetUncertaintySeconds ** 2);
}

export interface FitRequest {
  /** The members of each shot. */
  shots: ReadonlyArray<readonly HeardArrival[]>;
  referenceNanos: bigint;
  air: Air;
  settings: Settings;
  starts: ReadonlyArray<readonly [number, number]>;
  bounds: { east: number; north: number; radiusMeters: number };
  toleranceMeters?: number;
  placeOnly?: boolean;
}

/** The best solution over several starts; arrivals in the order of the shots. */
export function fit(request: FitRequest): Solution {
  const { shots, referenceNanos, air, settings, starts, bounds } = request;
  const repeats = new Map<number, number>();
  for (const shot of shots) {
    for (const { pole } of shot) repeats.set(pole.index, (repeats.get(pole.index) ?? 0) + 1);
  }
  const arrivals: TimedArrival[] = shots.flatMap((shot, index) =>
    shot.map((heard) => ({
      east: heard.pole.east,
      north: heard.pole.north,
      seconds: Number(heard.timeNanos - referenceNanos) / 1e9,
      sigmaSeconds: arrivalSigma(heard, air, settings, repeats.get(heard.pole.index)),
      shot: index,
    })),
  );
  const bearings = shots.flatMap((shot) =>
    shot.flatMap(({ pole, arrival: { bearingDegrees, bearingUncertaintyDegrees } }) =>
      bearingDegrees === undefined || bearingUncertaintyDegrees === undefined
        ? []
        : [
            {
              east: pole.east,
              north: pole.north,
              bearingRadians: bearingDegrees * RADIANS,
              sigmaRadians: bearingUncertaintyDegrees * RADIANS * Math.sqrt(repeats.get(pole.index) ?? 1),
            },
          ],
    ),
  );
  let best: Solution | undefined;
  for (const start of starts) {
    const solution = solve({
      arrivals,
      shots: shots.length,
      bearings,
      air,
      start,
      bounds,
      ...(request.toleranceMeters !== undefined && { toleranceMeters: request.toleranceMeters }),
      ...(request.placeOnly !== undefined && { placeOnly: request.placeOnly }),
    });
    if (!best || solution.cost < best.cost) best = solution;
  }
  if (!best) throw new RangeError('fit needs at least one start');
  return best;
}
