/** Fields to be read in boxes whatever they are: the embedded atmosphere too, which is computed whole. */
import type { BoxedSource } from './boxed-source.ts';
import { type FieldsChoice, isBoxed } from './choice/choice.ts';
import type { Progress } from './dataset.ts';
import { loadDataset } from './load.ts';
import { openBoxed } from './open-boxed.ts';
import { sliceDataset } from './slice.ts';

/** @throws DataError where it is no data set on a grid, or cannot be read */
export async function openFields(choice: FieldsChoice, progress?: Progress): Promise<BoxedSource> {
  if (isBoxed(choice)) return openBoxed(choice);
  const { dataset } = await loadDataset(choice, progress);
  return {
    fields: { ...dataset, statics: dataset.statics.length },
    read: async box => ({ dataset: box ? sliceDataset(dataset, box) : dataset, bytesRead: 0 }),
    describeSplit: () => [],
  };
}
