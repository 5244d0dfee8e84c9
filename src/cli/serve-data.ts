/** What the local server answers for data: parts of a file, the files of a folder, or what another site says. */
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import sirv from 'sirv';
import { storeMarkers } from '../data/choice/folder.ts';
import { type FolderFile, folderHeader, folderStamp, rangesHeader } from '../data/choice/own-server.ts';
import { passFile, writePass } from './kept-passes.ts';

/** @param path below the address that the handler has, with a slash before it; empty for the address itself */
export type DataHandler = (request: IncomingMessage, response: ServerResponse, path: string) => void;

/** Answers ranges. Chunks of a store are read where they lie, as they are then. Asked about its metadata, tells of all files whether they have changed. */
export function folderHandler(folder: string): DataHandler {
  const files = sirv(folder, { dev: true, dotfiles: true, extensions: [] });
  return (request, response, path) => {
    request.url = path;
    if (request.method !== 'HEAD' || !storeMarkers.includes(path.slice(1))) return files(request, response);
    filesBelow(folder)
      .then(found => response.setHeader(folderHeader, encodeURIComponent(folderStamp(found))))
      // One that goes meanwhile.
      .catch(() => undefined)
      .then(() => files(request, response));
  };
}

async function filesBelow(folder: string): Promise<FolderFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        const { size, mtimeMs } = await stat(path);
        return { path: relative(folder, path), size, changed: mtimeMs };
      }),
  );
}

/** Answers ranges of this file, and nothing else of its folder. */
export function fileHandler(file: string): DataHandler {
  return (request, response) => answer(file, request, response);
}

/** Gives and takes files of a folder, by their names: see `kept-passes.ts`. */
export function passesHandler(folder: string): DataHandler {
  return (request, response, path) => {
    const file = passFile(folder, path.slice(1));
    if (file === undefined || request.method !== 'PUT') return answer(file, request, response);
    writePass(file, request).then(
      () => response.end(),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  };
}

/** Answers ranges of these files by the paths that they are listed under, and nothing else, wherever they lie. */
export function filesHandler(files: ReadonlyMap<string, string>): DataHandler {
  return (request, response, path) => answer(files.get(decoded(path.slice(1))), request, response);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function answer(file: string | undefined, request: IncomingMessage, response: ServerResponse): void {
  sendFile(file, request, response).catch((error: Error) => {
    if (response.headersSent) response.destroy(error);
    else response.writeHead(500, error.message.replace(/[^ -~]/g, '?')).end();
  });
}

/** The bytes as they lie there: also of a packed file, which the page unpacks itself. */
async function sendFile(
  file: string | undefined,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || !found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const { size, mtime, mtimeMs } = found;
  const many = headers[rangesHeader.toLowerCase()];
  if (typeof many === 'string') return sendRanges(file, size, many, response);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const start = Number(first ?? 0);
  const end = last ? Math.min(Number(last), size - 1) : size - 1;
  const isPart = first !== undefined;
  if (isPart && start > end) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(isPart ? 206 : 200, {
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    'Content-Length': end + 1 - start,
    'Content-Type': 'application/octet-stream',
    // By these a page knows whether it has changed.
    ETag: `"${size}-${mtimeMs}"`,
    'Last-Modified': mtime.toUTCString(),
    [rangesHeader]: 'bytes',
    ...(isPart && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  });
  if (method === 'HEAD' || size === 0) response.end();
  else await pipeline(createReadStream(file, { start, end }), response);
}

/** Bytes of several ranges together: more are asked for by nobody. */
const MOST_BYTES = 2 ** 26;

/** One after the other: see `rangesHeader`. */
async function sendRanges(
  file: string,
  size: number,
  asked: string,
  response: ServerResponse,
): Promise<void> {
  const ranges = asked.split(',').map(range => range.split('-').map(Number));
  const total = ranges.reduce((sum, [first, last]) => sum + last + 1 - first, 0);
  const isThere =
    /^\d+-\d+(,\d+-\d+)*$/.test(asked) &&
    ranges.every(([first, last]) => first >= 0 && first <= last && last < size);
  if (!isThere || total > MOST_BYTES) {
    response.writeHead(416).end();
    return;
  }
  const body = Buffer.allocUnsafe(total);
  const opened = await open(file);
  try {
    let at = 0;
    for (const [first, last] of ranges) {
      const { bytesRead } = await opened.read(body, at, last + 1 - first, first);
      at += bytesRead;
    }
    response.writeHead(200, {
      'Cache-Control': 'no-store',
      'Content-Length': at,
      'Content-Type': 'application/octet-stream',
    });
    response.end(body.subarray(0, at));
  } finally {
    await opened.close();
  }
}

/** Asks another site: a page could ask it only where that site lets pages of others read it. */
export function siteHandler(url: string): DataHandler {
  return (request, response, path) => {
    const target = new URL(url);
    target.pathname = target.pathname.replace(/\/$/, '') + path;
    passOn(target, request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy(error);
      else response.writeHead(502, reasonOf(error).replace(/[^ -~]/g, '?')).end();
    });
  };
}

/** Why a request failed: `fetch` says only that it did, and puts the reason beside it. */
export function reasonOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

async function passOn(target: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { range } = request.headers;
  const answer = await fetch(target, {
    method: request.method,
    // Unpacked on the way, its length would not be the one that is told.
    headers: { 'Accept-Encoding': 'identity', ...(range && { Range: range }) },
  });
  for (const name of ['content-length', 'content-range', 'content-type', 'etag', 'last-modified']) {
    const value = answer.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  response.writeHead(answer.status);
  await pipeline(answer.body ? Readable.fromWeb(answer.body as never) : [], response);
}
