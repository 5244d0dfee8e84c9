/**
 * The local server of a terminal run: the headless page, bundled as for production, the data files it reads, and the
 * place it puts checkpoints. It listens on the loopback address only.
 */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { servePage } from '../../scripts/serve-page.mjs';

export interface RunServer {
  readonly pageUrl: string;
  /** Path under which the page can read this file. */
  serveFile(path: string): string;
  /** Path to which the page may PUT; `keep` gets the body, and what it throws is the answer. */
  receive(keep: (body: AsyncIterable<Uint8Array>) => Promise<void>): string;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export async function startServer(): Promise<RunServer> {
  const handlers = new Map<string, Handler>();
  const add = (handler: Handler) => {
    const path = `/run/${handlers.size}`;
    handlers.set(path, handler);
    return path;
  };
  const server = await servePage('src/cli/page.html', [
    { name: 'isobar-run', configurePreviewServer: ({ middlewares }) => void middlewares.use(route) },
  ]);

  function route(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const handler = handlers.get(request.url ?? '');
    if (!handler) {
      next();
      return;
    }
    handler(request, response).catch((error: Error) => {
      response.statusCode = 500;
      response.end(error.message);
    });
  }

  return {
    pageUrl: server.url,
    serveFile: path =>
      add(async (_request, response) => {
        const stream = createReadStream(path);
        stream.on('error', error => response.destroy(error));
        stream.pipe(response);
      }),
    receive: keep =>
      add(async (request, response) => {
        await keep(request);
        response.end();
      }),
    close: server.close,
  };
}
