/** Sources that are read in boxes: Zarr stores and NetCDF files, wherever they lie, and synthetic data, which are computed. */
import type { BoxedSource } from './boxed-source.ts';
import type { BoxedChoice, FilesChoice, ZarrChoice } from './choice/choice.ts';

/**
 * Reads what the source says of itself: metadata, headers and axes.
 *
 * @throws DataError where it is no data set on a grid, or cannot be read
 */
export async function openBoxed(choice: BoxedChoice): Promise<BoxedSource> {
  switch (choice.kind) {
    case 'zarr':
      return openZarrBoxes(choice);
    case 'files':
      return openNetcdfBoxes(choice);
    case 'synthetic': {
      const { openSynthetic } = await import('./synthetic.ts');
      return openSynthetic(choice);
    }
  }
}

async function openZarrBoxes({ source, selection }: ZarrChoice): Promise<BoxedSource> {
  // Loaded on demand, with its decoders.
  const [{ openZarr }, { fieldsOfZarr, readZarr }, { describeSplit }] = await Promise.all([
    import('./zarr/store.ts'),
    import('./zarr/read.ts'),
    import('./zarr/split.ts'),
  ]);
  const store = await openZarr(source, selection);
  return {
    fields: fieldsOfZarr(store, selection),
    read: (box, progress) => readZarr(store, selection, box, progress),
    describeSplit: boxes => describeSplit(store, selection, boxes).notes,
  };
}

async function openNetcdfBoxes({ files }: FilesChoice): Promise<BoxedSource> {
  const { fieldsOfNetcdf, openNetcdfFiles, readNetcdfBox } = await import('./netcdf/read.ts');
  const opened = await openNetcdfFiles(files);
  return {
    fields: fieldsOfNetcdf(opened),
    read: (box, progress) => readNetcdfBox(opened, box, progress),
    // Every value lies at a place of its own.
    describeSplit: () => [],
  };
}
