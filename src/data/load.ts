/** Turns the user's choice of data into a data set. */
import type { DataChoice } from '../session/api.ts';
import { cachedDataset } from './cache.ts';
import type { Dataset, Progress } from './dataset.ts';
import { datasetFromNetcdf } from './netcdf-dataset.ts';

/**
 * Reads the files or the store whole, or computes the embedded atmosphere, which is kept for the next time where the
 * browser allows it.
 *
 * @throws DataError where the files cannot be used
 */
export async function loadDataset(choice: DataChoice, progress: Progress = () => {}): Promise<Dataset> {
  if (choice.kind === 'files') return datasetFromNetcdf(choice.files, {}, progress);
  if (choice.kind === 'zarr') {
    // Loaded on demand, with its decoders.
    const [{ openZarr }, { readZarr }] = await Promise.all([import('./zarr.ts'), import('./zarr-read.ts')]);
    const store = await openZarr(choice.source, choice.selection);
    const { dataset, bytesRead } = await readZarr(store, choice.selection, undefined, progress);
    return { ...dataset, bytesRead };
  }
  const { days, seed } = choice;
  return cachedDataset(`${days} days, seed ${seed}`, async () => {
    // Loaded on demand: the model atmosphere is not needed by whoever brings files.
    const { embeddedAtmosphere } = await import('./atmosphere/index.ts');
    return embeddedAtmosphere({ days, seed }, progress);
  });
}
