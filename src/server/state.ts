import type { Site, Tiles } from '../config/index.js';
import type { FeedState } from '../feeds/index.js';
import type { Model } from '../listen/index.js';
import type { CloudEvent } from '../publish/index.js';
import type { TransparencyRecord } from '../privacy/index.js';
import type { RecordedVerdict } from '../review/index.js';
import type { IncidentIndex } from './history/incident-index.js';
import type { PoleLevels, PoleStrips } from './poles/pole-meter.js';
import type { RunReplay } from './replay/sessions.js';

/** One pole as the page and the REST interface show it. */
export interface PoleStatus extends PoleLevels {
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
  frames: number;
  framesDropped: number;
  /** Dropped frames by reason, and what was not continuous by kind; absent where nothing was. */
  trouble?: Record<string, number>;
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
  /** The street map that the page may lay under its own. */
  tiles?: Tiles;
  model(): Pick<Model, 'name' | 'version' | 'sha256' | 'classes' | 'card'> | undefined;
  /** In force: the model's, with the site's own in place. */
  thresholds(): Model['thresholds'];
  ready(): Readiness;
  poles(): readonly PoleStatus[];
  /** The last event of each incident. */
  recent(): readonly CloudEvent[];
  history: {
    index: IncidentIndex;
    /** Every revision that EVENTS holds. Rejects with INCIDENT_UNKNOWN or HISTORY_AWAY. */
    life(incidentId: string): Promise<CloudEvent[]>;
  };
  /** Scores and third-octave levels of a pole of the site, a second or coarser: for technicians. */
  strips(pole: string): PoleStrips;
  replay: RunReplay;
  outbox(): { state: string; messages: number; oldestAgeSeconds: number };
  /** Records an operator's verdict (see src/review/verdict.ts for its fields). Rejects with an error of the table. */
  verdict(input: unknown): Promise<RecordedVerdict>;
  /** What the public may know; see src/privacy. */
  transparency(): Promise<TransparencyRecord>;
  /** Prometheus text, and its content type. */
  metrics(): Promise<{ contentType: string; text: string }>;
}
