/** Fields on a grid as what can be read in boxes, also where they are computed and lie in memory. */
import type { BoxedSource } from './boxed-source.ts';
import type { FieldsChoice } from './choice/choice.ts';
import { loadDataset } from './load.ts';
import { openBoxed } from './open-boxed.ts';
import { sliceDataset } from './slice.ts';

/** @throws DataError where they cannot be read */
export async function openFields(choice: FieldsChoice): Promise<BoxedSource> {
  if (choice.kind !== 'embedded') return openBoxed(choice);
  const { dataset } = await loadDataset(choice);
  return {
    fields: { ...dataset, statics: dataset.statics.length },
    about: { source: dataset.source, format: 'computed', leftOut: [], storage: [] },
    read: async box => ({ dataset: box ? sliceDataset(dataset, box) : dataset, bytesRead: 0 }),
    // Nothing is stored.
    describeSplit: () => [],
  };
}
