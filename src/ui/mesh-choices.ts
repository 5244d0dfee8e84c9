/** Which meshes the page offers, and which of them the prepared run allows, by the rule that the session goes by. */
import { paddedGrid } from '../data/make-task.ts';
import { checkMesh } from '../models/sharded-config.ts';
import { type MeshShape, meshName, parseMesh, ranksOf } from '../parallel/mesh.ts';
import type { MeshConfig, RunInfo } from '../session/api.ts';
import { settingsOf } from '../session/settings.ts';

/** Rows x columns, as in the select, by the number of ranks. */
export const offered: readonly string[] = [
  ...['1x1', '1x2', '2x1', '1x3', '3x1', '2x2', '1x4', '4x1'],
  ...['2x3', '3x2', '2x4', '4x2', '3x3', '4x4'],
];
export const mostReplicas = 4;
export const microBatchChoices: readonly number[] = [1, 2];

/** The run in one piece. */
export const onePiece: MeshConfig = { rows: 1, columns: 1, replicas: 1 };

export const sameMesh = (a: MeshConfig, b: MeshConfig) =>
  meshName(a) === meshName(b) &&
  a.microBatches === b.microBatches &&
  a.overlap === b.overlap &&
  a.wire === b.wire;

/** Why this mesh is impossible for the model and the batch of a prepared run, for people; undefined where it is not. */
export function whyImpossible(info: RunInfo, mesh: MeshConfig): string | undefined {
  const preset = settingsOf(info.config);
  const { inputSteps, patch } = preset.task;
  const [height, width] = paddedGrid(info, patch);
  // The number of static fields has no part in the rule.
  const model = {
    ...preset.model,
    ...{ channels: info.channels.length, statics: 0, inputSteps, height, width, patch },
  };
  try {
    checkMesh(model, mesh, info.batch);
  } catch (cause) {
    return (cause as Error).message;
  }
  const samples = info.batch / mesh.replicas;
  const { microBatches = 1 } = mesh;
  return samples % microBatches === 0
    ? undefined
    : `${samples} ${samples === 1 ? 'sample' : 'samples'} of a rank cannot be cut into ${microBatches} micro-batches.`;
}

/** The largest possible mesh of at most `ranks` ranks that is smaller than this one; undefined where there is none. */
export function smallerMesh(info: RunInfo, mesh: MeshConfig, ranks: number): MeshConfig | undefined {
  const most = Math.min(ranks, ranksOf(mesh) - 1);
  const shapes = offered.flatMap(name =>
    Array.from({ length: mesh.replicas }, (_, i): MeshShape => parseMesh(name, i + 1)),
  );
  // Of the same size, the one most like the mesh before.
  const unlike = ({ rows, columns, replicas }: MeshShape) =>
    Math.abs(rows - mesh.rows) + Math.abs(columns - mesh.columns) + Math.abs(replicas - mesh.replicas);
  return shapes
    .map(shape => ({ ...mesh, ...shape }))
    .filter(shape => ranksOf(shape) <= most && whyImpossible(info, shape) === undefined)
    .sort((a, b) => ranksOf(b) - ranksOf(a) || unlike(a) - unlike(b))[0];
}
