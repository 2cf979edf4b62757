import type { Nanos } from '../audio/index.js';
import type { Detection } from './detection.js';

export interface ListenSink {
  onDetection(detection: Detection): void;
  /** Every arrival of the pole before this has been reported. */
  onDecided(pole: string, throughNanos: Nanos): void;
}
