/**
 * What the terminal's own server tells a page of the data that it gives it, beyond what HTTP has words for: headers, and a stamp of a
 * folder.
 */
import { count } from '../../io/number-text.ts';

/** Tells in answers for a file that several ranges come at once, one after the other, where this asks for them: `0-9,20-29`. */
export const rangesHeader = 'Isobar-Ranges';

/** In an answer of the terminal's server for the metadata of a store: the stamp of the folder that they lie in, as `encodeURIComponent` has it. */
export const folderHeader = 'Isobar-Folder';

/** @param changed milliseconds since 1970 */
export const sizeAndTime = (bytes: number, changed: number): string =>
  `${count(bytes)} bytes of ${new Date(changed).toISOString()}`;

/** What is told of a file of a folder. */
export interface FolderFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

/** Of the files of a folder, together: where one of them is another, or was changed at another time, so is this. */
export function folderStamp(files: readonly FolderFile[]): string {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const newest = files.reduce((most, { changed }) => Math.max(most, changed), 0);
  const marks = files.map(({ path, size, changed }) => `${path} ${size} ${Math.floor(changed)}`).sort();
  return `${count(files.length)} files, ${sizeAndTime(size, newest)}, marked ${mark(marks.join('\n'))}`;
}

/** Eight digits of a text (FNV-1a, 32 bits). */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
