/** Which meshes the page offers, and which of them the prepared run allows, by the rule that the session goes by. */

import { meshName, ranksOf } from '../mesh/mesh.ts';
import { fittingMesh } from '../mesh/mesh-fit.ts';
import type { RunInfo } from '../session/api/api.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { whyImpossible } from '../session/api/settings.ts';

export const mostReplicas = 4;
export const microBatchChoices: readonly number[] = [1, 2];

/** The run in one piece. */
export const onePiece: MeshConfig = { rows: 1, columns: 1, replicas: 1 };

export const sameMesh = (a: MeshConfig, b: MeshConfig) =>
  meshName(a) === meshName(b) &&
  a.microBatches === b.microBatches &&
  a.overlap === b.overlap &&
  a.wire === b.wire;

/** The largest possible mesh of at most `ranks` ranks that is smaller than this one; undefined where there is none. */
export const smallerMesh = (info: RunInfo, mesh: MeshConfig, ranks: number): MeshConfig | undefined =>
  fittingMesh(mesh, Math.min(ranks, ranksOf(mesh) - 1), other => whyImpossible(info, other) === undefined);
