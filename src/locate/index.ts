export type {
  ErrorEllipse,
  Incident,
  IncidentChange,
  IncidentStep,
  Method,
  PoleEvidence,
  Reason,
  Weather,
} from './incident.js';
export { isMaterial } from './material.js';
export { isSameBlast, isSameIncident } from './restored.js';
export { SiteLocator } from './site-locator.js';
export { SiteTime } from './site-time.js';
export {
  ELLIPSE_FLOOR_METERS,
  PROPAGATION_SPREAD_SECONDS,
  type ClassThresholds,
  type LocateOptions,
} from './options.js';
export { distanceMeters } from './distance.js';
export { LocalPlane } from './geodesy.js';
export { soundSpeed } from './sound-speed.js';
export { airFrom, type Air } from './air.js';
export { travelTime, travelSeconds, type TravelTime } from './travel-time.js';
export { solve, type Solution, type SolverInput, type TimedArrival, type Bearing } from './solver.js';
export { ellipseOf, ellipseDistance, ellipseFrame, insideHull, convexHull } from './uncertainty.js';
