/** What tells whether data have changed without reading them: sizes and times of the last change, in words. */
import { count } from '../io/number-text.ts';
import { folderHeader, sizeAndTime } from './choice/own-server.ts';

/** Of a file that was chosen; undefined for bytes that were made here. */
export const blobStamp = (blob: Blob): string | undefined =>
  blob instanceof File ? sizeAndTime(blob.size, blob.lastModified) : undefined;

/** What a server says of a file; undefined where it tells neither a mark nor a time. */
export function headerStamp({ headers }: Response): string | undefined {
  const folder = headers.get(folderHeader);
  if (folder !== null) return decodeURIComponent(folder);
  const [mark, changed] = [headers.get('etag'), headers.get('last-modified')];
  if (mark === null && changed === null) return undefined;
  const size = `${count(Number(headers.get('content-length') ?? 0))} bytes`;
  return [size, changed && `of ${changed}`, mark && `marked ${mark}`].filter(Boolean).join(', ');
}

/** What a server says of one chunk: its mark, or the time of its last change; undefined where it tells neither. */
export const headerMark = ({ headers }: Pick<Response, 'headers'>): string | undefined =>
  headers.get('etag') ?? headers.get('last-modified') ?? undefined;
