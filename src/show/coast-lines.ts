/** Coasts as lines on a flat map: Natural Earth's land, laid over a frame and cut off at its edges. */
import type { MapFrame } from './map-frame.ts';

/** Natural Earth's land, as world-atlas has it: a topology of one object, so that all of its lines are coasts. */
export interface LandTopology {
  /** Whole numbers to degrees east and north. */
  readonly transform: { readonly scale: readonly number[]; readonly translate: readonly number[] };
  /** Lines of points, each point as its distance from the one before. */
  readonly arcs: readonly (readonly (readonly number[])[])[];
}

type Point = readonly [number, number];
/** Points on a map: pixels right of its left edge, and below its upper one. */
export type MapLine = readonly Point[];

/** Turns of the globe that a frame may count its degrees from another meridian. */
const turns = [-720, -360, 0, 360, 720];

export function coastLines(
  { arcs, transform }: LandTopology,
  frame: MapFrame,
  width: number,
  height: number,
): MapLine[] {
  const perEast = width / (frame.east - frame.west);
  const perNorth = height / (frame.north - frame.south);
  return arcs.flatMap(arc => {
    const coast = degreesOf(arc, transform);
    return turns.flatMap(turn => {
      const isBeside =
        coast.every(([east]) => east + turn < frame.west) ||
        coast.every(([east]) => east + turn > frame.east);
      if (isBeside) return [];
      const line = coast.map(
        ([east, north]): Point => [(east + turn - frame.west) * perEast, (frame.north - north) * perNorth],
      );
      return insideOf(line, width, height);
    });
  });
}

/** Degrees east and north; over the date line degrees are counted on, so that the line stays one. */
function degreesOf(
  arc: LandTopology['arcs'][number],
  { scale, translate }: LandTopology['transform'],
): Point[] {
  let [x, y, turn] = [0, 0, 0];
  let before: number | undefined;
  return arc.map(([right, up]) => {
    x += right;
    y += up;
    let east = x * scale[0] + translate[0] + turn;
    const jump = Math.round((east - (before ?? east)) / 360) * 360;
    turn -= jump;
    east -= jump;
    before = east;
    return [east, y * scale[1] + translate[1]];
  });
}

/** The parts of a line on the map. */
function insideOf(line: MapLine, width: number, height: number): MapLine[] {
  const parts: Point[][] = [];
  let isOpen = false;
  for (let i = 1; i < line.length; i++) {
    const [[x0, y0], [x1, y1]] = [line[i - 1], line[i]];
    const [first, last] = partInside(x0, x1 - x0, width, ...partInside(y0, y1 - y0, height, 0, 1));
    if (first >= last) {
      isOpen = false;
      continue;
    }
    const at = (t: number): Point => [x0 + t * (x1 - x0), y0 + t * (y1 - y0)];
    if (!isOpen || first > 0) parts.push([at(first)]);
    parts[parts.length - 1].push(at(last));
    isOpen = last === 1;
  }
  return parts;
}

/** Of the part from `first` to `last` of a way from `start` by `step`, the one between 0 and `most`; none where first >= last. */
function partInside(
  start: number,
  step: number,
  most: number,
  first: number,
  last: number,
): [number, number] {
  if (step === 0) return start >= 0 && start <= most ? [first, last] : [1, 0];
  const [a, b] = [-start / step, (most - start) / step];
  return [Math.max(first, Math.min(a, b)), Math.min(last, Math.max(a, b))];
}
