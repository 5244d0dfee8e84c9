/**
 * The local server of a terminal run: the headless page as built for production, the data that its ranks read, and
 * the place it puts checkpoints. It listens on the loopback address only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { servePage } from '../../scripts/serve-page.mjs';
import { isUrl } from './data-source.ts';
import {
  type DataHandler,
  fileHandler,
  filesHandler,
  folderHandler,
  passesHandler,
  siteHandler,
} from './serve-data.ts';

export interface RunServer {
  readonly pageUrl: string;
  /** Path under which the page can read this file, or ranges of it. */
  serveFile(path: string): string;
  /** Path below which the page can read these files, by their own paths there, or ranges of them. */
  serveFiles(name: string, files: ReadonlyMap<string, string>): string;
  /** Path under which the page can read what lies in this folder, or below this URL. */
  serveStore(store: string): string;
  /** Path below which the page can keep what it finds out about data, in this folder: see `kept-passes.ts`. */
  keepPasses(folder: string): string;
  /** Path to which the page may PUT; `keep` gets the body, and what it throws is the answer. */
  receive(keep: (body: AsyncIterable<Uint8Array>) => Promise<void>): string;
  /** Path below which the page may PUT parts of files: at `PATH?at=POSITION`. */
  receiveParts(
    keep: (path: string, position: number, body: AsyncIterable<Uint8Array>) => Promise<void>,
  ): string;
  close(): Promise<void>;
}

export async function startServer(): Promise<RunServer> {
  const handlers: DataHandler[] = [];
  /** @param name put at the end of the path: data are called by it */
  const add = (handler: DataHandler, name = '') =>
    `/run/${handlers.push(handler) - 1}/${encodeURIComponent(name)}`;
  const server = await servePage('src/cli/page.html', route);

  function route(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const [, index, path] = /^\/run\/(\d+)\/[^/]*(.*)$/.exec(request.url ?? '') ?? [];
    const handler = handlers[Number(index)];
    if (handler) handler(request, response, path);
    else next();
  }

  return {
    pageUrl: server.url,
    serveFile: path => add(fileHandler(path), basename(path)),
    serveFiles: (name, files) => add(filesHandler(files), name),
    serveStore: store =>
      isUrl(store)
        ? add(siteHandler(store), basename(new URL(store).pathname))
        : add(folderHandler(store), basename(store)),
    keepPasses: folder => add(passesHandler(folder), 'passes'),
    receive: keep => add((request, response) => answer(keep(request), response)),
    receiveParts: keep =>
      add((request, response, path) => {
        const { pathname, searchParams } = new URL(path, 'http://localhost');
        const file = decodeURIComponent(pathname.slice(1));
        answer(keep(file, Number(searchParams.get('at')), request), response);
      }, 'files'),
    close: server.close,
  };
}

/** Ends the answer when what the page sent is kept; what is in the way is the answer. */
function answer(kept: Promise<void>, response: ServerResponse): void {
  kept
    .catch((error: Error) => {
      response.statusCode = 500;
      response.write(error.message);
    })
    .finally(() => response.end());
}
