import type { IncidentSummary } from '../types.js';
import { word } from '../texts.js';
import type { LonLat, Point } from './plane.js';
import type { Drawing } from './site-map.js';

export interface MapPole {
  pole: string;
  position: LonLat;
  state: 'waiting' | 'live' | 'stalled' | 'failed' | 'unrecorded' | 'heard' | 'silent';
}

/** Beyond so many, names would hide what they name. */
const MOST_NAMES = 40;

export function Poles(props: {
  drawing: Drawing;
  poles: readonly MapPole[];
  selected?: string | undefined;
  onSelect?: (pole: string) => void;
}) {
  const { poles, drawing, selected, onSelect } = props;
  const { plane, unit } = drawing;
  const hull = hullOf(poles.map(({ position }) => plane.to(position)));
  const named = poles.length <= MOST_NAMES;
  const radius = (poles.length > 300 ? 3.2 : poles.length > 80 ? 4.5 : 6) * unit;
  return (
    <g>
      <polygon class="hull" points={hull.map((point) => point.join(',')).join(' ')} stroke-width={unit} />
      {poles.map(({ pole, position, state }) => {
        const [x, y] = plane.to(position);
        return (
          <g key={pole} class={`pole ${state}`} onClick={() => onSelect?.(pole)}>
            <title>{`${pole}: ${word(state === 'live' ? 'live_state' : state)}`}</title>
            {pole === selected && (
              <circle class="ring" cx={x} cy={y} r={radius * 2} stroke-width={2 * unit} />
            )}
            {state === 'failed' || state === 'stalled' ? (
              <rect
                x={x - radius}
                y={y - radius}
                width={2 * radius}
                height={2 * radius}
                stroke-width={1.5 * unit}
                transform={state === 'stalled' ? `rotate(45 ${x} ${y})` : undefined}
              />
            ) : (
              <circle cx={x} cy={y} r={radius} stroke-width={1.5 * unit} />
            )}
            {named && (
              <text x={x} y={y - radius - 4 * unit} font-size={11.5 * unit} stroke-width={3.5 * unit}>
                {pole}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** An hour fades an incident to a quarter; a selected one does not fade. */
const FADE_MILLIS = 3_600_000;

export function Incidents(props: {
  drawing: Drawing;
  incidents: readonly Pick<
    IncidentSummary,
    'incidentId' | 'class' | 'onset' | 'location' | 'accuracy' | 'area' | 'confidence'
  >[];
  selected?: string | undefined;
  /** Absent: nothing fades. */
  nowMillis?: number;
  onSelect?: (incidentId: string) => void;
}) {
  const { incidents, drawing, selected, nowMillis, onSelect } = props;
  const { plane, unit } = drawing;
  return (
    <g>
      {largestFirst(incidents).map((incident) => {
        const { incidentId, location, accuracy, area, onset } = incident;
        if (!location && !area) return null;
        const age = nowMillis === undefined ? 0 : Math.max(0, nowMillis - Date.parse(onset));
        const chosen = incidentId === selected;
        const opacity = chosen ? 1 : Math.max(0.25, 1 - age / FADE_MILLIS);
        const classes = `incident ${incident.class} ${chosen ? 'chosen' : ''} ${age < 8000 && nowMillis ? 'fresh' : ''}`;
        return (
          <g key={incidentId} class={classes} opacity={opacity} onClick={() => onSelect?.(incidentId)}>
            <title>{`${word(incident.class)} ${onset.slice(11, 19)}`}</title>
            {area && (
              <polygon
                class="ellipse"
                points={area.map((corner) => plane.to(corner).join(',')).join(' ')}
                stroke-width={1.5 * unit}
              />
            )}
            {location && accuracy && <Ellipse drawing={drawing} location={location} accuracy={accuracy} />}
            {location && <Mark at={plane.to(location)} unit={unit} />}
          </g>
        );
      })}
    </g>
  );
}

export function Ellipse({
  drawing,
  location,
  accuracy,
}: {
  drawing: Drawing;
  location: LonLat;
  accuracy: NonNullable<IncidentSummary['accuracy']>;
}) {
  const [x, y] = drawing.plane.to(location);
  return (
    <ellipse
      class="ellipse"
      cx={x}
      cy={y}
      rx={accuracy.semiMinorMeters}
      ry={accuracy.semiMajorMeters}
      stroke-width={1.5 * drawing.unit}
      // Clockwise from north, and y points south: as SVG turns.
      transform={`rotate(${accuracy.azimuthDegrees} ${x} ${y})`}
    />
  );
}

function Mark({ at: [x, y], unit }: { at: Point; unit: number }) {
  return <circle class="mark" cx={x} cy={y} r={5 * unit} stroke-width={1.5 * unit} />;
}

/** Where the scene says that it truly was: a cross. */
export function Truths({
  drawing: { plane, unit },
  places,
}: {
  drawing: Drawing;
  places: readonly LonLat[];
}) {
  return (
    <g class="truth" stroke-width={2.5 * unit}>
      {places.map((place, i) => {
        const [x, y] = plane.to(place);
        const arm = 8 * unit;
        return <path key={i} d={`M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`} />;
      })}
    </g>
  );
}

/** A wide ellipse lies under a small one, or nobody could point at the small one; then the newest on top. */
function largestFirst<T extends Pick<IncidentSummary, 'accuracy' | 'area' | 'onset'>>(
  incidents: readonly T[],
): T[] {
  const size = ({ accuracy, area }: T) => accuracy?.semiMajorMeters ?? (area ? Infinity : 0);
  return [...incidents].sort((a, b) => size(b) - size(a) || (a.onset < b.onset ? -1 : 1));
}

/** Andrew's monotone chain. */
function hullOf(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (from: readonly Point[]) => {
    const chain: Point[] = [];
    for (const point of from) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(o: Point, a: Point, b: Point): number {
  return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
}
