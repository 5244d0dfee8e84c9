/** Turns the user's choice of data into a data set, and tells what that took. */

import type { ReadData } from './boxed-source.ts';
import { cachedDataset } from './cache.ts';
import type { FieldsChoice } from './choice/choice.ts';
import type { Progress } from './dataset.ts';
import { openBoxed } from './open-boxed.ts';

/**
 * Reads the files or the store whole, or computes the embedded atmosphere, which is kept for the next time where the
 * browser allows it: it is not read, and counts with its bytes in memory.
 *
 * @throws DataError where the files cannot be used
 */
export async function loadDataset(choice: FieldsChoice, progress: Progress = () => {}): Promise<ReadData> {
  if (choice.kind === 'files') {
    // Loaded on demand, as the others are: who trains on one kind of data needs no reader of another.
    const [{ readNetcdfFile }, { datasetFromNetcdf }] = await Promise.all([
      import('./netcdf/read.ts'),
      import('./netcdf/dataset.ts'),
    ]);
    const files = await Promise.all(choice.files.map(file => readNetcdfFile(file)));
    const bytesRead = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    return { dataset: await datasetFromNetcdf(files, {}, progress), bytesRead };
  }
  if (choice.kind !== 'embedded') return (await openBoxed(choice)).read(undefined, progress);
  const { days, seed } = choice;
  const dataset = await cachedDataset(`${days} days, seed ${seed}`, async () => {
    const { embeddedAtmosphere } = await import('./atmosphere/index.ts');
    return embeddedAtmosphere({ days, seed }, progress);
  });
  return { dataset, bytesRead: dataset.values.byteLength };
}
