/** What tells whether data have changed without reading them: sizes and times of the last change, in words. */
import { count } from '../io/number-text.ts';

const words = (bytes: number, changed: string) => `${count(bytes)} bytes of ${changed}`;
const time = (ms: number) => new Date(ms).toISOString();

/** Of a file that was chosen; undefined for bytes that were made here. */
export const blobStamp = (blob: Blob): string | undefined =>
  blob instanceof File ? words(blob.size, time(blob.lastModified)) : undefined;

/** What a server says of a file; undefined where it tells neither a mark nor a time. */
export function headerStamp({ headers }: Response): string | undefined {
  const [mark, changed] = [headers.get('etag'), headers.get('last-modified')];
  if (mark === null && changed === null) return undefined;
  const size = `${count(Number(headers.get('content-length') ?? 0))} bytes`;
  return [size, changed && `of ${changed}`, mark && `marked ${mark}`].filter(Boolean).join(', ');
}

/** Of the files of a folder, together. */
export function folderStamp(files: Iterable<Blob>): string | undefined {
  let [number, size, newest] = [0, 0, 0];
  for (const file of files) {
    if (!(file instanceof File)) return undefined;
    number++;
    size += file.size;
    newest = Math.max(newest, file.lastModified);
  }
  return `${count(number)} files, ${words(size, time(newest))}`;
}
