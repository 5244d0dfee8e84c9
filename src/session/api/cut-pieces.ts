/** Which elements of an array a rank keeps, as runs of rows and columns: few numbers, whatever the size of the array. */
import type { ParameterEntry } from '../../plan/layout.ts';

/** From the first index to the one past the last. */
export type Run = readonly [from: number, to: number];

/** All elements whose row and whose column are among these. */
export interface Box {
  readonly rows: readonly Run[];
  readonly columns: readonly Run[];
}

/** Elements that the same ranks keep: one owner, or all that hold a copy. */
export interface Piece {
  readonly ranks: readonly number[];
  readonly boxes: readonly Box[];
  readonly elements: number;
}

/** Runs in ascending order; -1, which is padding, is left out. */
export function runsOf(indices: readonly number[]): Run[] {
  const sorted = indices.filter(index => index >= 0).sort((a, b) => a - b);
  const found: [number, number][] = [];
  for (const index of sorted) {
    const last = found.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else found.push([index, index + 1]);
  }
  return found;
}

export const lengthOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, [from, to]) => sum + to - from, 0);

/** Length of a row of a parameter that is seen as a matrix: a vector is a column. */
export const rowLengthOf = ({ attributes, shape }: ParameterEntry): number =>
  attributes.origin?.rowLength ?? shape.slice(1).reduce((product, length) => product * length, 1);

/** What an entry of a rank's layout is of the parameter that it is a part of. */
export function boxOf(entry: ParameterEntry): Box {
  const { attributes, size } = entry;
  if (attributes.origin) {
    return { rows: runsOf(attributes.origin.rows), columns: runsOf(attributes.origin.columns) };
  }
  const rowLength = rowLengthOf(entry);
  return { rows: [[0, size / rowLength]], columns: [[0, rowLength]] };
}

/** The same elements in fewer boxes: those of the same columns are put together, then those of the same rows. */
export function joinedBoxes(boxes: readonly Box[]): Box[] {
  const full = boxes.filter(({ rows, columns }) => rows.length > 0 && columns.length > 0);
  const byColumns = groupedBy(full, ({ columns }) => columns);
  const stacked = byColumns.map(group => ({
    rows: union(group.map(({ rows }) => rows)),
    columns: group[0].columns,
  }));
  const byRows = groupedBy(stacked, ({ rows }) => rows);
  return byRows.map(group => ({ rows: group[0].rows, columns: union(group.map(({ columns }) => columns)) }));
}

function groupedBy<Item>(items: readonly Item[], by: (item: Item) => readonly Run[]): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = by(item).join(' ');
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

function union(lists: readonly (readonly Run[])[]): Run[] {
  const found: [number, number][] = [];
  for (const [from, to] of lists.flat().sort((a, b) => a[0] - b[0])) {
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}

/** One piece for all ranks that keep the same, in the order of their first ranks. */
export function piecesOf(boxesByRank: readonly (readonly Box[])[]): Piece[] {
  const pieces = new Map<string, { ranks: number[]; boxes: readonly Box[] }>();
  boxesByRank.forEach((boxes, rank) => {
    if (boxes.length === 0) return;
    const key = boxes.map(({ rows, columns }) => `${rows.join(' ')}|${columns.join(' ')}`).join('/');
    const piece = pieces.get(key);
    if (piece) piece.ranks.push(rank);
    else pieces.set(key, { ranks: [rank], boxes });
  });
  return [...pieces.values()].map(piece => ({ ...piece, elements: elementsOf(piece.boxes) }));
}

const elementsOf = (boxes: readonly Box[]): number =>
  boxes.reduce((sum, { rows, columns }) => sum + lengthOf(rows) * lengthOf(columns), 0);
