/** Whether a model can be shared by a mesh, whatever kind it is of. */
import { type MeshShape, meshName } from '../mesh/mesh.ts';
import { ConfigError, type ModelConfig } from './model.ts';
import { modelOutline } from './outlines.ts';

type Shape = Pick<MeshShape, 'rows' | 'columns'>;

/** Rows and columns of the meshes that are offered instead of an impossible one, at most. */
const MOST = 16;

/** @throws ConfigError with the reason and the nearest possible meshes */
export function checkMesh({ kind, config }: ModelConfig, mesh: MeshShape, batch: number): void {
  if (batch % mesh.replicas !== 0) {
    throw new ConfigError(
      `A batch of ${batch} cannot be shared by ${mesh.replicas} replicas: choose a multiple of ${mesh.replicas}.`,
    );
  }
  const { meshFault } = modelOutline(kind);
  const why = meshFault(config, mesh);
  if (why === undefined) return;
  const possible: Shape[] = [];
  for (let rows = 1; rows <= MOST; rows++)
    for (let columns = 1; columns <= MOST; columns++)
      if (!meshFault(config, { rows, columns })) possible.push({ rows, columns });
  const wanted = mesh.rows * mesh.columns;
  const distance = (shape: Shape) =>
    Math.abs(shape.rows * shape.columns - wanted) +
    (Math.abs(shape.rows - mesh.rows) + Math.abs(shape.columns - mesh.columns)) / 100;
  const nearest = possible.sort((a, b) => distance(a) - distance(b)).slice(0, 3);
  throw new ConfigError(
    `The mesh ${meshName(mesh)} is impossible for this model: ${why}. ` +
      `The nearest possible ones are ${nearest.map(shape => meshName({ ...shape, replicas: 1 })).join(', ')}.`,
  );
}
