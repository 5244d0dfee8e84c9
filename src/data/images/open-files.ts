/** Lists the files of a place, and those in an archive where it is all there is. */
import { noBytes } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { nameInUrl } from '../../io/http.ts';
import { blobFile, urlFile } from '../netcdf/bytes.ts';
import type { FileSet } from './file-set.ts';
import type { ImagePlace } from './place.ts';
import { tarFiles } from './tar.ts';
import { zipFiles } from './zip.ts';

/** What no user put there: hidden files, and those that macOS adds to archives. */
const isHidden = (path: string) => path.split('/').some(part => part.startsWith('.') || part === '__MACOSX');

/** @throws DataError where there is no file at all, or an archive cannot be read */
export async function openFiles(place: ImagePlace): Promise<FileSet> {
  const set = await listed(place);
  if (set.paths.length === 0) {
    throw new DataError(`${set.name} has no files. Choose the folder, the zip or the files of the images.`);
  }
  const [path] = set.paths;
  if (set.paths.length > 1) return set;
  if (/\.zip$/i.test(path)) return sorted(await zipFiles(await set.open(path)));
  if (/\.(tar|tar\.gz|tgz)$/i.test(path)) return sorted(await tarFiles(await set.open(path)));
  return set;
}

async function listed(place: ImagePlace): Promise<FileSet> {
  switch (place.kind) {
    case 'files': {
      const { name, files } = place;
      const open = async (path: string) => blobFile(path, files.get(path)!, noBytes());
      return sorted({ name, paths: [...files.keys()], open });
    }
    case 'folder':
      return sorted(await folderFiles(place.folder));
    case 'url': {
      const { url, paths } = place;
      const base = url.replace(/\/*$/, '/');
      const open = (path: string) =>
        urlFile(base + path.split('/').map(encodeURIComponent).join('/'), noBytes());
      return sorted({ name: nameInUrl(url), paths, open });
    }
  }
}

async function folderFiles(folder: FileSystemDirectoryHandle): Promise<FileSet> {
  const handles = new Map<string, FileSystemFileHandle>();
  const list = async (within: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
    for await (const handle of within.values()) {
      const path = prefix + handle.name;
      if (isHidden(path)) continue;
      if (handle.kind === 'file') handles.set(path, handle);
      else await list(handle, `${path}/`);
    }
  };
  const failed = (path: string, error: unknown) =>
    new DataError(`Reading ${path} failed: ${(error as Error).message} Choose the folder again.`);
  await list(folder, '').catch(error => {
    throw failed(folder.name, error);
  });
  return {
    name: folder.name,
    paths: [...handles.keys()],
    async open(path) {
      const file = await handles
        .get(path)!
        .getFile()
        .catch(error => {
          throw failed(`${folder.name}/${path}`, error);
        });
      return blobFile(path, file, noBytes());
    },
  };
}

function sorted({ name, paths, open }: FileSet): FileSet {
  return {
    name,
    paths: paths.filter(path => !isHidden(path)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    open,
  };
}
