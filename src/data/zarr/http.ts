/** A Zarr store behind a URL, and what its server says of the chunks that are read. */
import { FetchStore } from 'zarrita';
import type { ByteCount } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { fetchCounted } from '../../io/http.ts';
import type { ChunkMarks } from '../boxed-source.ts';
import { proxiedPath } from '../choice/weatherbench2.ts';
import { headerMark } from '../stamp.ts';

export interface HttpStore {
  readonly store: FetchStore;
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
  const note = (key: string, answer: Response) => {
    const mark = isChunk(key) && answer.ok ? headerMark(answer) : undefined;
    if (mark !== undefined) read.set(key, mark);
  };
  return {
    store: new FetchStore(location, {
      async fetch(request) {
        const answer = await fetchCounted(request, count, instead);
        note(new URL(request.url).pathname.slice(base.length), answer);
        return answer;
      },
    }),
    marks: {
      read,
      async now(key) {
        const at = new URL(location);
        at.pathname = base + key;
        return headerMark(await fetchCounted(new Request(at, { method: 'HEAD' }), count, instead));
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
