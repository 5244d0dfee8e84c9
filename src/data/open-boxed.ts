/** Sources that are read in boxes: Zarr stores and NetCDF files, wherever they lie, and synthetic data, which are computed. */
import { noBytes } from '../io/byte-count.ts';
import { DataError } from '../io/data-error.ts';
import type { BoxedSource, ColumnSource, SourceIdentity } from './boxed-source.ts';
import type { BoxedChoice, FilesChoice, ZarrChoice } from './choice/choice.ts';
import { chosenSource } from './chosen-source.ts';
import type { HeadedFile } from './file-forms.ts';
import type { ZarrSource } from './zarr/source.ts';

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

async function openZarrBoxes({
  source,
  selection,
}: {
  readonly source: ZarrSource;
  readonly selection: ZarrChoice['selection'];
}): Promise<BoxedSource> {
  // Loaded on demand, with its decoders.
  const [{ aboutZarr, openZarr }, { fieldsOfZarr, readZarr }, { describeSplit }] = await Promise.all([
    import('./zarr/store.ts'),
    import('./zarr/read.ts'),
    import('./zarr/split.ts'),
  ]);
  const store = await openZarr(source, selection);
  const whole: ColumnSource = {
    fields: fieldsOfZarr(store, selection),
    identity: store.identity,
    marks: store.marks,
    about: aboutZarr(store, selection),
    count: store.count,
    read: (box, progress) => readZarr(store, selection, box, progress),
    describeSplit: boxes => describeSplit(store, selection, boxes).notes,
  };
  // The period of a store is cut before its axes are used: what is cut again is what there is.
  return chosenSource(whole, selection);
}

async function openNetcdfBoxes({ files, part }: FilesChoice): Promise<BoxedSource> {
  // Loaded on demand, as the others are.
  const [{ isZip, openFile }, { aboutNetcdf }, { fieldsOfNetcdf, openNetcdf, readNetcdfBox }] =
    await Promise.all([import('./file-forms.ts'), import('./netcdf/dataset.ts'), import('./netcdf/read.ts')]);
  const count = noBytes();
  const found = await Promise.all(files.map(file => openFile(file, count)));
  const zip = found.find(({ head }) => isZip(head));
  if (zip && found.length > 1) {
    throw new DataError(`${zip.name} is a zip: give it alone. It is one store, which files cannot join.`);
  }
  if (zip) return openZarrBoxes({ source: { kind: 'zip', file: zip, count }, selection: part ?? {} });
  const opened = await openNetcdf(found, count, part);
  const whole: ColumnSource = {
    fields: fieldsOfNetcdf(opened),
    identity: async () => identityOf(found),
    about: aboutNetcdf(opened),
    count,
    read: (box, progress) => readNetcdfBox(opened, box, progress),
    // Every value lies at a place of its own.
    describeSplit: () => [],
  };
  return chosenSource(whole, part ?? {});
}

function identityOf(files: readonly HeadedFile[]): SourceIdentity | undefined {
  const stamps = files.flatMap(({ stamp }) => stamp ?? []);
  if (stamps.length < files.length) return undefined;
  return { name: files.map(({ name }) => name).join(', '), stamp: stamps.join('; ') };
}
