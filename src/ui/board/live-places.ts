/** Where ranks and the links between them stand in the drawing of what goes on: copies side by side, each as its mesh is. */
import { type MeshShape, placeOf, ranksOf } from '../../mesh/mesh.ts';
import type { Size } from './pieces.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LinkPlace {
  /** The lower one first. */
  readonly ranks: readonly [number, number];
  readonly begin: Point;
  /** Of a curve, so that a link does not run through those between. */
  readonly middle: Point;
  readonly end: Point;
}

export interface MachinePlaces {
  readonly size: Size;
  /** Middles of the ranks, by rank. */
  readonly nodes: readonly Point[];
  readonly links: readonly LinkPlace[];
}

export const nodeSize: Size = { width: 92, height: 40 };
const pitch = { x: 150, y: 84 };
const margin = { x: 62, y: 44 };

/** @param pairs of ranks that exchange anything, the lower one first */
export function machinePlaces(mesh: MeshShape, pairs: readonly (readonly [number, number])[]): MachinePlaces {
  const { rows, columns, replicas } = mesh;
  const nodes = Array.from({ length: ranksOf(mesh) }, (_, rank): Point => {
    const { row, column, replica } = placeOf(mesh, rank);
    return { x: margin.x + pitch.x * (replica * columns + column), y: margin.y + pitch.y * row };
  });
  const links = pairs.flatMap(([a, b]): LinkPlace[] => {
    const [begin, end] = [nodes.at(a), nodes.at(b)];
    return begin && end ? [{ ranks: [a, b], begin, middle: bent(begin, end), end }] : [];
  });
  return {
    size: {
      width: 2 * margin.x + pitch.x * (columns * replicas - 1),
      height: 2 * margin.y + pitch.y * (rows - 1),
    },
    nodes,
    links,
  };
}

/** Pairs within a row, within a column, and of the same place in two copies. */
export function meshPairs(mesh: MeshShape): [number, number][] {
  const places = Array.from({ length: ranksOf(mesh) }, (_, rank) => placeOf(mesh, rank));
  return places.flatMap((a, i) =>
    places.slice(i + 1).flatMap((b): [number, number][] => {
      const alike = [a.row === b.row, a.column === b.column, a.replica === b.replica];
      return alike.filter(same => same).length === 2 ? [[a.rank, b.rank]] : [];
    }),
  );
}

/** Neighbours have a straight link; the further apart, the wider the curve. */
function bent(begin: Point, end: Point): Point {
  const [x, y] = [end.x - begin.x, end.y - begin.y];
  const length = Math.hypot(x, y);
  const steps = Math.round(Math.hypot(x / pitch.x, y / pitch.y) * 10) / 10;
  const bow = steps <= 1 ? 0 : 24 * steps;
  return {
    x: (begin.x + end.x) / 2 + (bow * y) / length,
    y: (begin.y + end.y) / 2 - (bow * x) / length,
  };
}

/** How far the two ways of a link are apart. */
const apart = 5;

/** Where something is that has come so far, from 0 to 1, of the way from one end to the other. */
export function alongLink({ begin, middle, end, ranks }: LinkPlace, from: number, share: number): Point {
  const t = from === ranks[0] ? share : 1 - share;
  const side = from === ranks[0] ? apart : -apart;
  const at = (axis: 'x' | 'y') =>
    (1 - t) ** 2 * begin[axis] + 2 * t * (1 - t) * middle[axis] + t ** 2 * end[axis];
  const [x, y] = [end.x - begin.x, end.y - begin.y];
  const length = Math.hypot(x, y);
  return { x: at('x') - (side * y) / length, y: at('y') + (side * x) / length };
}
