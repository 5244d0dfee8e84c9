/** A server of files in memory that counts what it sends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  readonly url: string;
  /** Bodies sent, in bytes. */
  sent: number;
  readonly paths: string[];
  close(): Promise<void>;
}

/**
 * Serves files at a port of its own.
 *
 * @param answer may change, make or refuse what a path gets: a status, or other bytes
 * @param options.ranges false for a server that sends the whole whatever range is asked for
 */
export async function serveFiles(
  files: ReadonlyMap<string, Uint8Array>,
  answer: (path: string) => number | Uint8Array | undefined | Promise<Uint8Array | undefined> = () =>
    undefined,
  options: {
    /** Of `many` the server tells that it gives several at once, as that of the terminal. */
    readonly ranges?: boolean | 'many';
    readonly headers?: Readonly<Record<string, string>>;
    /** Further ones, of what lies at a path. */
    readonly headersOf?: (bytes: Uint8Array) => Readonly<Record<string, string>>;
  } = {},
): Promise<Served> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url!.slice(1));
    const changed = await answer(path);
    const bytes = typeof changed === 'object' ? changed : files.get(path);
    const status = typeof changed === 'number' ? changed : bytes ? 200 : 404;
    served.paths.push(path);
    if (status !== 200) {
      response.writeHead(status, options.headers).end();
      return;
    }
    const range =
      options.ranges === false ? undefined : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const asked = options.ranges === 'many' ? request.headers['isobar-ranges'] : undefined;
    const many = typeof asked === 'string' ? asked.split(',').map(one => one.split('-').map(Number)) : [];
    const body =
      many.length > 0
        ? Buffer.concat(many.map(([first, last]) => bytes!.subarray(first, last + 1)))
        : range
          ? bytes!.subarray(Number(range[1]), Number(range[2]) + 1)
          : bytes!;
    response.writeHead(range ? 206 : 200, {
      ...options.headers,
      ...options.headersOf?.(bytes!),
      ...(options.ranges === 'many' && { 'Isobar-Ranges': 'bytes' }),
      'Content-Length': body.length,
    });
    if (request.method !== 'HEAD') served.sent += body.length;
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const served: Served = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sent: 0,
    paths: [],
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return served;
}
