/**
 * Files by their paths, wherever they lie: chosen in the page, in a folder, behind an address, or inside an archive. What
 * is listed is names alone; bytes are read when they are asked for.
 */
import type { RangedFile } from '../netcdf/bytes.ts';

export interface FileSet {
  /** For people. */
  readonly name: string;
  /** With slashes between folders; sorted by code units, so that all ranks count alike. */
  readonly paths: readonly string[];
  /** @throws DataError where there is no such file, or it cannot be read */
  open(path: string): Promise<RangedFile>;
}

/** Without its folders. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** All of a file. */
export const readAll = (file: RangedFile): Promise<Uint8Array<ArrayBuffer>> =>
  file.size === 0 ? Promise.resolve(new Uint8Array()) : file.read({ from: 0, to: file.size });
