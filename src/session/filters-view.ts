/** What a model's first layer looks for, as it trains: see `ModelKind.filters`. */
import { modelKind } from '../models/index.ts';
import type { MeshTrainer } from '../parallel/mesh-trainer.ts';
import type { FiltersSpec, FiltersView } from '../tasks/view.ts';

export const filtersSpec: FiltersSpec = {
  kind: 'filters',
  name: 'filters',
  label: 'Filters of the first layer',
};

/** Undefined where the model has none to be seen. */
export async function filtersView(trainer: MeshTrainer): Promise<FiltersView | undefined> {
  const { filters } = modelKind(trainer.program.model.kind);
  if (filters === undefined) return undefined;
  const { shape, values } = await trainer.parameter(filters);
  const [, channels, height, width] = shape;
  return { kind: 'filters', channels, height, width, values };
}
