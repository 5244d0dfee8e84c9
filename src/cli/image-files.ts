/** The files of images that a user named: those of a folder, an archive, or some files. */
import { access, constants, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from './usage-error.ts';

export interface ImageFiles {
  /** For people, and in the address that they are served under. */
  readonly name: string;
  /** Absolute paths, by the path below that address. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Lists a folder with all below it, or the files that were named. Links in a folder are passed over, for they may lead out
 * of it, and so are hidden files.
 *
 * @throws UsageError for what is not there, cannot be read or has nothing in it
 */
export async function listImages(paths: readonly string[]): Promise<ImageFiles> {
  const [first] = paths.map(path => resolve(path));
  const found = await Promise.all(paths.map(kindOf));
  const folder = found.indexOf('folder');
  if (folder < 0) return namedFiles(paths);
  if (paths.length > 1) {
    throw new UsageError(
      `--data: ${paths[folder]} is a folder, and there are ${paths.length} paths; give one folder alone, or files.`,
    );
  }
  const files = await folderFiles(first).catch((error: Error) => {
    throw new UsageError(`--data: ${paths[0]} cannot be read: ${error.message}.`);
  });
  if (files.size === 0) {
    throw new UsageError(
      `--data: the folder ${paths[0]} has no files (links and hidden files are passed over).`,
    );
  }
  return { name: basename(first), files };
}

async function kindOf(path: string): Promise<'folder' | 'file'> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UsageError(`--data: ${path} does not exist.`);
  if (found.isDirectory()) return 'folder';
  if (!found.isFile()) throw new UsageError(`--data: ${path} is neither a file nor a folder.`);
  if (found.size === 0) throw new UsageError(`--data: ${path} is empty (0 bytes).`);
  await access(path, constants.R_OK).catch((error: Error) => {
    throw new UsageError(`--data: ${path} cannot be read: ${error.message}.`);
  });
  return 'file';
}

/** By their names alone: they are told apart by these. */
function namedFiles(paths: readonly string[]): ImageFiles {
  const files = new Map<string, string>();
  for (const path of paths) {
    const name = basename(path);
    if (files.has(name)) {
      throw new UsageError(`--data: two files are named ${name}; give each once, or a folder.`);
    }
    files.set(name, resolve(path));
  }
  const [only] = files.values();
  return { name: files.size === 1 ? basename(only) : basename(dirname(only)), files };
}

const isHidden = (path: string) => path.split('/').some(part => part.startsWith('.'));

async function folderFiles(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const below = relative(folder, path).split(sep).join('/');
    if (!isHidden(below)) files.set(below, path);
  }
  return files;
}
