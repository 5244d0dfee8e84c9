/** What the local server answers for data: parts of a file, the files of a folder, or what another site says. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import sirv from 'sirv';

/** @param path below the address that the handler has, with a slash before it; empty for the address itself */
export type DataHandler = (request: IncomingMessage, response: ServerResponse, path: string) => void;

/** Answers ranges. Chunks of a store are read where they lie, as they are then. */
export function folderHandler(folder: string): DataHandler {
  const files = sirv(folder, { dev: true, dotfiles: true, extensions: [] });
  return (request, response, path) => {
    request.url = path;
    files(request, response);
  };
}

/** Answers ranges of this file, and nothing else of its folder. */
export function fileHandler(file: string): DataHandler {
  const files = folderHandler(dirname(file));
  return (request, response) => files(request, response, `/${encodeURI(basename(file))}`);
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
  for (const name of ['content-length', 'content-range', 'content-type']) {
    const value = answer.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  response.writeHead(answer.status);
  await pipeline(answer.body ? Readable.fromWeb(answer.body as never) : [], response);
}
