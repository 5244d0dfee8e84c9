/** A Zarr store behind a URL, and what its server says of the chunks that are read. */
import { type AsyncReadable, FetchStore } from 'zarrita';
import type { ByteCount } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { fetchAnswer, fetchCounted } from '../../io/http.ts';
import type { ChunkMarks } from '../boxed-source.ts';
import { proxiedPath } from '../choice/weatherbench2.ts';
import { headerMark } from '../stamp.ts';

export interface HttpStore {
  readonly store: AsyncReadable;
  readonly marks: ChunkMarks;
}

/**
 * @param url absolute, or relative to the page
 * @throws DataError where the text is no URL; reading throws it where the server cannot be read
 */
export function httpStore(url: string, count: ByteCount): HttpStore {
  const location = absolute(url);
  const proxied = proxiedPath(location.href);
  const instead = proxied
    ? `start Isobar with npm start and use ${proxied}, or download the store and choose its folder`
    : 'download the store and choose its folder, or serve it from a server that sends Access-Control-Allow-Origin';
  const base = location.pathname.replace(/\/$/, '');
  const read = new Map<string, string>();
  const addressOf = (key: string) => {
    const at = new URL(location);
    at.pathname = base + key;
    return at.href;
  };
  const bytesOf = async (key: string, range?: string) => {
    const answer = await fetchAnswer(addressOf(key), count, { range, instead });
    const mark = isChunk(key) && answer.body ? headerMark(answer) : undefined;
    if (mark !== undefined) read.set(key, mark);
    return answer.body;
  };
  // Ends of files are found out by the library.
  const plain = new FetchStore(location, { fetch: request => fetchCounted(request, count, instead) });
  return {
    store: {
      get: key => bytesOf(key),
      getRange: (key, range, options) =>
        'suffixLength' in range
          ? plain.getRange(key, range, options)
          : bytesOf(key, `bytes=${range.offset}-${range.offset + range.length - 1}`),
    },
    marks: {
      read,
      async now(key) {
        return headerMark(
          await fetchCounted(new Request(addressOf(key), { method: 'HEAD' }), count, instead),
        );
      },
    },
  };
}

/** Metadata are told apart otherwise. */
const isChunk = (key: string) => /\d$/.test(key);

function absolute(url: string): URL {
  const base = globalThis.location?.href;
  if (!URL.canParse(url, base)) throw new DataError(`"${url}" is no URL of a Zarr store.`);
  return new URL(url, base);
}
