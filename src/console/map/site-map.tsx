import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../texts.js';
import { meters } from '../format.js';
import { Attribution, TileLayer } from './tiles.js';
import { Plane, roundLength, viewOf, type LonLat, type Point, type View } from './plane.js';

export interface Drawing {
  plane: Plane;
  /** Metres that a pixel covers: what must keep its size on the screen is drawn in it. */
  unit: number;
}

interface Props {
  /** What the map is laid out by: it moves to them when they change, not when anything else does. */
  places: readonly LonLat[];
  label: string;
  children: (drawing: Drawing) => ComponentChildren;
  /** Set while a rectangle is to be drawn: west, south, east, north. */
  onArea?: ((bbox: [number, number, number, number]) => void) | undefined;
  height?: string;
}

const STEP = 1.4;

/** A map of vectors: a grid in metres, a scale, and what is given to draw; tiles under it only where they are configured. */
export function SiteMap({ places, label, children, onArea, height }: Props) {
  const key = places.length + JSON.stringify(places.slice(0, 3)) + JSON.stringify(places.at(-1));
  const plane = useMemo(() => new Plane(places), [key]);
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 600, height: 420 });
  const whole = () =>
    viewOf(
      places.map((place) => plane.to(place)),
      size,
    );
  const [moved, setMoved] = useState<View | undefined>();
  const view = moved ?? whole();
  const unit = view.width / size.width;
  const drag = useRef<{ at: Point; view: View; moved: boolean } | undefined>(undefined);
  const fingers = useRef(new Map<number, Point>());
  const [corner, setCorner] = useState<{ from: Point; to: Point } | undefined>();

  useEffect(() => setMoved(undefined), [key]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height: high } = entry.contentRect;
      if (width > 0 && high > 0) setSize({ width, height: high });
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  const metersAt = (event: { clientX: number; clientY: number }): Point => {
    const { left, top } = box.current!.getBoundingClientRect();
    return [
      view.x + (event.clientX - left - size.width / 2) * unit,
      view.y + (event.clientY - top - size.height / 2) * unit,
    ];
  };
  const zoom = (factor: number, [x, y]: Point = [view.x, view.y]) => {
    const width = Math.min(200_000, Math.max(20, view.width * factor));
    const by = width / view.width;
    setMoved({ x: x + (view.x - x) * by, y: y + (view.y - y) * by, width });
  };
  // Not passive, or the page would scroll away under the map.
  useEffect(() => {
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, metersAt(event));
    };
    const element = box.current!;
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  });

  const onPointerDown = (event: PointerEvent) => {
    fingers.current.set(event.pointerId, [event.clientX, event.clientY]);
    if (onArea) {
      const from = metersAt(event);
      return setCorner({ from, to: from });
    }
    drag.current = { at: [event.clientX, event.clientY], view, moved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (corner) return setCorner({ ...corner, to: metersAt(event) });
    const known = fingers.current;
    if (!known.has(event.pointerId)) return;
    const before = [...known.values()];
    known.set(event.pointerId, [event.clientX, event.clientY]);
    if (known.size === 2) {
      const apart = ([a, b]: readonly Point[]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
      drag.current = undefined;
      return zoom(apart(before) / Math.max(1, apart([...known.values()])));
    }
    const start = drag.current;
    if (!start) return;
    const [dx, dy] = [event.clientX - start.at[0], event.clientY - start.at[1]];
    if (!start.moved && Math.hypot(dx, dy) < 4) return;
    if (!start.moved) box.current!.setPointerCapture(event.pointerId);
    start.moved = true;
    setMoved({ ...start.view, x: start.view.x - dx * unit, y: start.view.y - dy * unit });
  };
  const onPointerEnd = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId);
    drag.current = undefined;
    if (!corner || !onArea) return;
    const [a, b] = [plane.from(corner.from), plane.from(corner.to)];
    setCorner(undefined);
    onArea([Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (move)
      setMoved({ ...view, x: view.x + move[0] * view.width * 0.1, y: view.y + move[1] * view.width * 0.1 });
    else if (event.key === '+' || event.key === '=') zoom(1 / STEP);
    else if (event.key === '-') zoom(STEP);
    else if (event.key === '0') setMoved(undefined);
    else return;
    event.preventDefault();
  };

  const high = size.height * unit;
  const [left, top] = [view.x - view.width / 2, view.y - high / 2];
  return (
    <div
      class={onArea ? 'map drawing' : 'map'}
      ref={box}
      tabIndex={0}
      role="group"
      aria-label={`${label}. ${t('mapHelp')}`}
      style={height ? { height } : {}}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
    >
      <svg viewBox={`${left} ${top} ${view.width} ${high}`} preserveAspectRatio="none">
        <TileLayer plane={plane} view={view} height={high} unit={unit} />
        <Grid left={left} top={top} width={view.width} height={high} unit={unit} />
        {children({ plane, unit })}
        {corner && (
          <rect
            class="area"
            x={Math.min(corner.from[0], corner.to[0])}
            y={Math.min(corner.from[1], corner.to[1])}
            width={Math.abs(corner.from[0] - corner.to[0])}
            height={Math.abs(corner.from[1] - corner.to[1])}
            stroke-width={2 * unit}
          />
        )}
      </svg>
      <div class="map-tools">
        <button type="button" aria-label={t('zoomIn')} title={t('zoomIn')} onClick={() => zoom(1 / STEP)}>
          +
        </button>
        <button type="button" aria-label={t('zoomOut')} title={t('zoomOut')} onClick={() => zoom(STEP)}>
          −
        </button>
        <button
          type="button"
          aria-label={t('zoomAll')}
          title={t('zoomAll')}
          onClick={() => setMoved(undefined)}
        >
          ⤢
        </button>
      </div>
      <Scale unit={unit} />
      <Attribution />
    </div>
  );
}

function Grid({
  left,
  top,
  width,
  height,
  unit,
}: {
  left: number;
  top: number;
  width: number;
  height: number;
  unit: number;
}) {
  const step = roundLength(unit * 120);
  const lines = [];
  for (let x = Math.ceil(left / step) * step; x < left + width; x += step)
    lines.push(<line key={`x${x}`} x1={x} x2={x} y1={top} y2={top + height} />);
  for (let y = Math.ceil(top / step) * step; y < top + height; y += step)
    lines.push(<line key={`y${y}`} x1={left} x2={left + width} y1={y} y2={y} />);
  return (
    <g class="grid" stroke-width={unit}>
      {lines}
    </g>
  );
}

function Scale({ unit }: { unit: number }) {
  const length = roundLength(unit * 110);
  return (
    <div class="map-scale" style={{ width: `${length / unit}px` }} aria-hidden="true">
      {meters(length)} <span class="north">N ↑</span>
    </div>
  );
}
