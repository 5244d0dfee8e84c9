/**
 * Sources that are read in boxes: Zarr stores and NetCDF files, wherever they lie. A run in one piece reads all of it,
 * a rank of a mesh its own part.
 */

import type { BoxedChoice, FilesChoice, ZarrChoice } from './choice/choice.ts';
import type { Dataset, Progress, SourceFields } from './dataset.ts';
import { fieldsOfNetcdf, openNetcdfFiles, readNetcdfBox } from './netcdf/read.ts';
import type { DataBox } from './slice.ts';

/** What was read, and the bytes that it took, as they lay or came, still compressed. */
export interface ReadData {
  readonly dataset: Dataset;
  readonly bytesRead: number;
}

export interface BoxedSource {
  readonly fields: SourceFields;
  /**
   * @param box all of it where absent
   * @throws DataError where it cannot be read
   */
  read(box?: DataBox, progress?: Progress): Promise<ReadData>;
  /** Sentences on what ranks that read these boxes read more than once. */
  describeSplit(boxes: readonly DataBox[]): readonly string[];
}

/**
 * Reads what the source says of itself: metadata, headers and axes.
 *
 * @throws DataError where it is no data set on a grid, or cannot be read
 */
export function openBoxed(choice: BoxedChoice): Promise<BoxedSource> {
  return choice.kind === 'zarr' ? openZarrBoxes(choice) : openNetcdfBoxes(choice);
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
  const opened = await openNetcdfFiles(files);
  return {
    fields: fieldsOfNetcdf(opened),
    read: (box, progress) => readNetcdfBox(opened, box, progress),
    // Every value lies at a place of its own.
    describeSplit: () => [],
  };
}
