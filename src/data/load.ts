/** Turns the user's choice of data into a data set. */
import type { DataChoice } from '../session/run-config.ts';
import { openBoxed } from './boxed-source.ts';
import { cachedDataset } from './cache.ts';
import type { Dataset, Progress } from './dataset.ts';
import { datasetFromNetcdf } from './netcdf-dataset.ts';
import { readNetcdfFile } from './netcdf-read.ts';

/**
 * Reads the files or the store whole, or computes the embedded atmosphere, which is kept for the next time where the
 * browser allows it.
 *
 * @throws DataError where the files cannot be used
 */
export async function loadDataset(choice: DataChoice, progress: Progress = () => {}): Promise<Dataset> {
  if (choice.kind === 'files') {
    return datasetFromNetcdf(await Promise.all(choice.files.map(file => readNetcdfFile(file))), {}, progress);
  }
  if (choice.kind === 'zarr') return (await (await openBoxed(choice)).read(undefined, progress)).dataset;
  const { days, seed } = choice;
  return cachedDataset(`${days} days, seed ${seed}`, async () => {
    // Loaded on demand: the model atmosphere is not needed by whoever brings files.
    const { embeddedAtmosphere } = await import('./atmosphere/index.ts');
    return embeddedAtmosphere({ days, seed }, progress);
  });
}
