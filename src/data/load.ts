/** Turns the user's choice of data into a data set, and tells what that took. */

import type { ReadData } from './boxed-source.ts';
import { cachedDataset } from './cache.ts';
import type { FieldsChoice } from './choice/choice.ts';
import { narrows } from './choice/part.ts';
import type { Progress } from './dataset.ts';

/**
 * Reads the files or the store whole, or computes the embedded atmosphere, which is kept for the next time where the
 * browser allows it: it is not read, and counts with its bytes in memory.
 *
 * @throws DataError where the files cannot be used
 */
export async function loadDataset(choice: FieldsChoice, progress: Progress = () => {}): Promise<ReadData> {
  if (choice.kind === 'files' && !narrows(choice.part ?? {})) {
    // Loaded on demand, as the others are: who trains on one kind of data needs no reader of another.
    const [{ isPlain }, { readNetcdfFile }, { datasetFromNetcdf }] = await Promise.all([
      import('./file-forms.ts'),
      import('./netcdf/read.ts'),
      import('./netcdf/dataset.ts'),
    ]);
    const files = await Promise.all(choice.files.map(file => readNetcdfFile(file)));
    const bytesRead = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    if (!files.every(({ bytes }) => isPlain(new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength))))) {
      const blobs = files.map(({ name, bytes }) => ({ name, blob: new Blob([bytes]) }));
      const { openBoxed } = await import('./open-boxed.ts');
      const source = await openBoxed({ ...choice, files: blobs });
      return { ...(await source.read(undefined, progress)), bytesRead };
    }
    return { dataset: await datasetFromNetcdf(files, choice.part, progress), bytesRead };
  }
  if (choice.kind !== 'embedded') {
    const { openBoxed } = await import('./open-boxed.ts');
    return (await openBoxed(choice)).read(undefined, progress);
  }
  const { days, seed } = choice;
  const dataset = await cachedDataset(`${days} days, seed ${seed}`, async () => {
    const [{ embeddedAtmosphere }, { spunUpState }] = await Promise.all([
      import('./atmosphere/index.ts'),
      import('./atmosphere/spun-up.ts'),
    ]);
    return embeddedAtmosphere({ days, seed, spunUp: await spunUpState(seed) }, progress);
  });
  return { dataset, bytesRead: dataset.values.byteLength };
}
