/** Requests for data: counted, and their failures put in words. */

import type { ByteCount } from './byte-count.ts';
import { DataError } from './data-error.ts';

/** An answer whose body is here already: a transfer may break off long after it began, and that failure needs the same words. */
export interface Answer {
  readonly headers: Headers;
  /** Undefined for what is not found. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/** How what lies at an address is asked for. */
export interface How extends Pick<Asked, 'headers' | 'range'> {
  /** See `fetchCounted`. */
  readonly instead?: string;
}

/**
 * What lies at an address, or a range of it: of much of it no copy is made, as a `Response` would.
 *
 * @param url absolute
 */
export const fetchAnswer = (url: string, count: ByteCount, { instead, ...how }: How = {}): Promise<Answer> =>
  answerTo({ url, ...how }, count, instead);

/**
 * The answer to a request; where a server ignores the range asked for, it is cut.
 *
 * @param instead what a user can do where another site's server does not let pages read it
 * @throws DataError where the server cannot be read
 */
export async function fetchCounted(request: Request, count: ByteCount, instead?: string): Promise<Response> {
  const { url, headers: asked } = request;
  const { headers, body } = await answerTo(
    { url, request, range: asked.get('range') ?? undefined },
    count,
    instead,
  );
  return body ? new Response(body, { status: 200, headers }) : new Response(null, { status: 404 });
}

/** What is asked for. Of an address and headers `fetch` makes a request itself: it would make a second one of one that is given. */
interface Asked {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As in the header of that name. */
  readonly range?: string;
  readonly request?: Request;
}

function sent({ url, headers, range, request }: Asked): Promise<Response> {
  return request ? fetch(request) : fetch(url, { headers: { ...headers, ...(range && { Range: range }) } });
}

async function answerTo(
  asked: Asked,
  count: ByteCount,
  instead = 'download the file and choose it, or serve it from a server that sends Access-Control-Allow-Origin',
): Promise<Answer> {
  const { url } = asked;
  let response: Response;
  let body: Uint8Array<ArrayBuffer>;
  try {
    response = await sent(asked);
    body = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new DataError(unreachable(new URL(url), error, instead));
  }
  count.requests++;
  const { headers } = response;
  if (response.status === 404) return { headers, body: undefined };
  if (!response.ok) {
    const { status, statusText } = response;
    const what = [401, 403].includes(status) ? 'refuses to give' : 'failed to give';
    throw new DataError(
      `The server ${what} ${url}: it answered ${[status, statusText].filter(Boolean).join(' ')}.`,
    );
  }
  count.bytes += body.length;
  const range = /^bytes=(\d+)-(\d+)$/.exec(asked.range ?? '');
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
