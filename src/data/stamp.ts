/** What tells whether data have changed without reading them: sizes and times of the last change, in words. */
import { count } from '../io/number-text.ts';

const words = (bytes: number, changed: string) => `${count(bytes)} bytes of ${changed}`;
const time = (ms: number) => new Date(ms).toISOString();

/** Of a file that was chosen; undefined for bytes that were made here. */
export const blobStamp = (blob: Blob): string | undefined =>
  blob instanceof File ? words(blob.size, time(blob.lastModified)) : undefined;

/** What a server says of a file; undefined where it tells neither a mark nor a time. */
export function headerStamp({ headers }: Response): string | undefined {
  const folder = headers.get(folderHeader);
  if (folder !== null) return folder;
  const [mark, changed] = [headers.get('etag'), headers.get('last-modified')];
  if (mark === null && changed === null) return undefined;
  const size = `${count(Number(headers.get('content-length') ?? 0))} bytes`;
  return [size, changed && `of ${changed}`, mark && `marked ${mark}`].filter(Boolean).join(', ');
}

/** What a server says of one chunk: its mark, or the time of its last change; undefined where it tells neither. */
export const headerMark = ({ headers }: Pick<Response, 'headers'>): string | undefined =>
  headers.get('etag') ?? headers.get('last-modified') ?? undefined;

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
  return `${count(files.length)} files, ${words(size, time(newest))}, marked ${mark(marks.join('\n'))}`;
}

/** Eight digits of a text (FNV-1a, 32 bits). */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** In an answer of the terminal's server for the metadata of a store: the stamp of the folder that they lie in. */
export const folderHeader = 'Isobar-Folder';
