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
  const { url, headers: asked } = request;
  const { headers, body } = await answerTo(
    { url, request, range: asked.get('range') ?? undefined },
    count,
    instead,
  );
  return body ? new Response(body, { status: 200, headers }) : new Response(null, { status: 404 });
}

/**
 * Bytes `from` (included) to `to` (not included) of what lies at an address, which are not copied once more; none where it is not found.
 *
 * @param url absolute
 */
export async function fetchRange(
  url: string,
  { from, to }: { readonly from: number; readonly to: number },
  count: ByteCount,
): Promise<Uint8Array<ArrayBuffer>> {
  const range = `bytes=${from}-${to - 1}`;
  return (await answerTo({ url, range }, count)).body ?? new Uint8Array();
}

/** What is asked for. Of an address and a range `fetch` makes a request itself: it would make a second one of one that is given. */
interface Asked {
  readonly url: string;
  readonly range?: string;
  readonly request?: Request;
}

async function answerTo(
  { url, range: asked, request }: Asked,
  count: ByteCount,
  instead = 'download the file and choose it, or serve it from a server that sends Access-Control-Allow-Origin',
): Promise<Answer> {
  let response: Response;
  let body: Uint8Array<ArrayBuffer>;
  try {
    response = await (request
      ? fetch(request)
      : fetch(url, asked === undefined ? {} : { headers: { Range: asked } }));
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
  const range = /^bytes=(\d+)-(\d+)$/.exec(asked ?? '');
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
