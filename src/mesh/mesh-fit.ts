/** Which mesh comes next to one that has too many ranks. */
import { type MeshShape, parseMesh, ranksOf } from './mesh.ts';

/** Rows x columns that people are offered, by the number of ranks. */
export const offered: readonly string[] = [
  ...['1x1', '1x2', '2x1', '1x3', '3x1', '2x2', '1x4', '4x1'],
  ...['2x3', '3x2', '2x4', '4x2', '3x3', '4x4'],
];

/** The largest possible mesh of at most `ranks` ranks, with no more replicas than before; undefined where there is none. */
export function fittingMesh<Config extends MeshShape>(
  before: Config,
  ranks: number,
  isPossible: (mesh: Config) => boolean,
): Config | undefined {
  const shapes = offered.flatMap(name =>
    Array.from({ length: before.replicas }, (_, i): MeshShape => parseMesh(name, i + 1)),
  );
  // Of the same size, the one most like the mesh before.
  const unlike = ({ rows, columns, replicas }: MeshShape) =>
    Math.abs(rows - before.rows) + Math.abs(columns - before.columns) + Math.abs(replicas - before.replicas);
  return shapes
    .map(shape => ({ ...before, ...shape }))
    .filter(mesh => ranksOf(mesh) <= ranks && isPossible(mesh))
    .sort((a, b) => ranksOf(b) - ranksOf(a) || unlike(a) - unlike(b))[0];
}
