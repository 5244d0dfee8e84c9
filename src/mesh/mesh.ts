/**
 * The mesh: `rows x columns` ranks share one copy of the model (an instance), and there are `replicas` copies. Ranks
 * are numbered row by row within an instance, instance after instance. Rank (r, q) holds the r-th block of tokens and
 * the q-th block of channels.
 */

export interface MeshShape {
  readonly rows: number;
  readonly columns: number;
  readonly replicas: number;
}

/** Who exchanges with whom: see `groupOf`. */
export type GroupKind = 'row' | 'column' | 'replica' | 'world';

export interface RankPlace {
  readonly rank: number;
  readonly row: number;
  readonly column: number;
  readonly replica: number;
}

/** A mesh as one of its ranks sees it. */
export interface Mesh extends MeshShape {
  readonly place: RankPlace;
}

export function ranksOf({ rows, columns, replicas }: MeshShape): number {
  return rows * columns * replicas;
}

export function placeOf({ rows, columns }: MeshShape, rank: number): RankPlace {
  const within = rank % (rows * columns);
  return {
    rank,
    row: Math.floor(within / columns),
    column: within % columns,
    replica: Math.floor(rank / (rows * columns)),
  };
}

export function meshAt(shape: MeshShape, rank: number): Mesh {
  return { ...shape, place: placeOf(shape, rank) };
}

/** The mesh of a run in one piece. */
export const single: Mesh = meshAt({ rows: 1, columns: 1, replicas: 1 }, 0);

/**
 * Ranks of a group, in the order of their blocks.
 * - `row`: those of one row of an instance, which hold the channel blocks of the same tokens;
 * - `column`: those of one column, which hold the token blocks of the same channels;
 * - `replica`: those at the same place of every instance, which hold copies of the same shard;
 * - `world`: all.
 */
export function groupOf(mesh: Mesh, kind: GroupKind): readonly number[] {
  const { rows, columns, replicas, place } = mesh;
  const instance = rows * columns;
  const range = (length: number, at: (i: number) => number) => Array.from({ length }, (_, i) => at(i));
  switch (kind) {
    case 'row':
      return range(columns, q => place.replica * instance + place.row * columns + q);
    case 'column':
      return range(rows, r => place.replica * instance + r * columns + place.column);
    case 'replica':
      return range(replicas, i => i * instance + place.row * columns + place.column);
    case 'world':
      return range(ranksOf(mesh), i => i);
  }
}

/** `2x2`, or `2x2x3` with three replicas. */
export function meshName({ rows, columns, replicas }: MeshShape): string {
  return replicas === 1 ? `${rows}x${columns}` : `${rows}x${columns}x${replicas}`;
}

/** @throws RangeError where the text is no mesh. */
export function parseMesh(text: string, replicas = 1): MeshShape {
  const match = /^(\d{1,3})x(\d{1,3})$/.exec(text);
  const [rows, columns] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (rows < 1 || columns < 1) {
    throw new RangeError(`"${text}" is no mesh: write rows x columns, such as 2x2 or 1x4.`);
  }
  return { rows, columns, replicas };
}
