import type { Nanos } from '../audio/index.js';
import type { Detection } from './detection.js';
import type { ScoredPatch } from './scored-patch.js';

export interface ListenSink {
  onDetection(detection: Detection): void;
  /** Every patch that was scored, before anything is made of it: for who measures the model, or shows a pole's scores. */
  onPatch?(pole: string, patch: ScoredPatch): void;
  /** Every arrival of the pole before this has been reported. */
  onDecided(pole: string, throughNanos: Nanos): void;
}
