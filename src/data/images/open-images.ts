/** Whatever images a user chose: what they are is told from the names of the files. */
import { DataError } from '../../io/data-error.ts';
import { hasCifar, openCifar } from './cifar.ts';
import { countOf, namesOf } from './class-layout.ts';
import type { FileSet } from './file-set.ts';
import { type FolderOptions, openFolders } from './folders.ts';
import { hasIdx, openIdx } from './idx.ts';
import type { ImageSource } from './image-source.ts';
import { openFiles } from './open-files.ts';
import type { ImagePlace } from './place.ts';

/**
 * IDX files or CIFAR where there are any, else folders of classes.
 *
 * @throws DataError where they cannot be used
 */
export async function openImages(place: ImagePlace, options: FolderOptions = {}): Promise<ImageSource> {
  const set = await openFiles(place);
  if (hasIdx(set)) return openIdx(set);
  if (hasCifar(set)) return openCifar(set);
  checkArchives(set);
  return openFolders(set, options);
}

/** One archive that is alone is opened; several, or one among other files, are not. */
function checkArchives({ name, paths }: FileSet): void {
  const archives = paths.filter(path => /\.(zip|tar|tar\.gz|tgz)$/i.test(path));
  if (archives.length < paths.length || archives.length === 0) return;
  throw new DataError(
    `${name} is ${countOf(archives.length, 'archive')} (${namesOf(archives)}): choose one of them, or unpack them and choose the folder.`,
  );
}
