/** Writing what a source holds as a store, for the terminal. */
import type { FieldsChoice } from '../../data/choice/choice.ts';
import type { Progress } from '../../data/dataset.ts';
import { openFields } from '../../data/open-fields.ts';
import {
  type ConvertedStore,
  type ConvertOptions,
  convertToZarr,
  JOURNAL,
  type StoreFolder,
} from '../../data/zarr/convert.ts';

export { type ConvertedStore, JOURNAL, type StoreFolder };

/** @throws DataError where the data cannot be used, or the folder has a store already */
export async function convertData(
  choice: FieldsChoice,
  folder: StoreFolder,
  options: ConvertOptions,
  progress: Progress,
): Promise<ConvertedStore> {
  return convertToZarr(await openFields(choice, progress), folder, options, progress);
}
