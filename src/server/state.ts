import type { Site } from '../config/index.js';
import type { FeedState } from '../feeds/index.js';
import type { CloudEvent, ModelIdentity } from '../publish/index.js';
import type { RecordedVerdict } from '../review/index.js';

/** One pole as the page and the REST interface show it. */
export interface PoleStatus {
  pole: string;
  /** [lon, lat], degrees. */
  position: readonly [number, number];
  /** false: has no feed here. */
  recorded: boolean;
  state: FeedState;
  /** Why it is in that state, where that is known. */
  reason?: string;
  /** Absent before the first frame. */
  lastFrameAgeSeconds?: number;
  clockUncertaintySeconds?: number;
}

/** What must be there before the service counts as ready; `reason` says what is missing and the mend. */
export interface Readiness {
  model: ReadyPart;
  nats: ReadyPart;
  feeds: ReadyPart;
}
export interface ReadyPart {
  ready: boolean;
  reason?: string;
}

/** What the server shows; handed in by the wiring, read at every request, never kept. */
export interface ServiceState {
  version: string;
  site: Site;
  exercise: boolean;
  model(): ModelIdentity | undefined;
  ready(): Readiness;
  poles(): readonly PoleStatus[];
  /** The last event of each incident. */
  recent(): readonly CloudEvent[];
  outbox(): { state: string; messages: number; oldestAgeSeconds: number };
  /** Records an operator's verdict (see src/review/verdict.ts for its fields). Rejects with an error of the table. */
  verdict(input: unknown): Promise<RecordedVerdict>;
  /** Prometheus text, and its content type. */
  metrics(): Promise<{ contentType: string; text: string }>;
}
