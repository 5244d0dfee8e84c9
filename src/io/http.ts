/** Requests for data: counted, and their failures put in words. */

import type { ByteCount } from './byte-count.ts';
import { DataError } from './data-error.ts';

/** An answer whose body is here already: a transfer may break off long after it began, and that failure needs the same words. */
interface Answer {
  readonly headers: Headers;
  /** Undefined for what is not found. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * The answer to a request; where a server ignores the range asked for, it is cut.
 *
 * @param instead what a user can do where another site's server does not let pages read it
 * @throws DataError where the server cannot be read
 */
export async function fetchCounted(request: Request, count: ByteCount, instead?: string): Promise<Response> {
  const { headers, body } = await answerTo(request, count, instead);
  return body ? new Response(body, { status: 200, headers }) : new Response(null, { status: 404 });
}

/** The bytes of an answer alone, which are not copied once more; none of what is not found. */
export async function fetchBytes(request: Request, count: ByteCount): Promise<Uint8Array<ArrayBuffer>> {
  return (await answerTo(request, count)).body ?? new Uint8Array();
}

async function answerTo(
  request: Request,
  count: ByteCount,
  instead = 'download the file and choose it, or serve it from a server that sends Access-Control-Allow-Origin',
): Promise<Answer> {
  let response: Response;
  let body: Uint8Array<ArrayBuffer>;
  try {
    response = await fetch(request);
    body = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new DataError(unreachable(new URL(request.url), error, instead));
  }
  count.requests++;
  const { headers } = response;
  if (response.status === 404) return { headers, body: undefined };
  if (!response.ok) {
    const { status, statusText } = response;
    const what = [401, 403].includes(status) ? 'refuses to give' : 'failed to give';
    throw new DataError(
      `The server ${what} ${request.url}: it answered ${[status, statusText].filter(Boolean).join(' ')}.`,
    );
  }
  count.bytes += body.length;
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '');
  // Some servers ignore ranges and send the whole.
  if (range && response.status === 200) body = body.slice(Number(range[1]), Number(range[2]) + 1);
  return { headers, body };
}

/** What a file or a store behind a URL is called: the last part of its path. */
export function nameInUrl(url: string): string {
  const [path] = url.split(/[?#]/);
  const name = path.replace(/\/+$/, '').split('/').at(-1)!;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A browser does not tell a page why a request to another site failed: it says the same to all. */
function unreachable(url: URL, error: unknown, instead: string): string {
  const why = error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : error;
  const own = globalThis.location?.origin;
  if (own === undefined || url.origin === own) return `Reading ${url.href} failed: ${why}.`;
  return (
    `${url.href} cannot be read from this page (${why}): the server at ${url.host} does not allow pages of other ` +
    `sites to read it, or cannot be reached. If it is up, ${instead}.`
  );
}
