/** A Zarr store behind a URL. */
import { FetchStore } from 'zarrita';
import type { ByteCount } from '../../io/byte-count.ts';
import { fetchCounted } from '../../io/http.ts';
import { DataError } from '../dataset.ts';

/**
 * @param url absolute, or relative to the page
 * @throws DataError where the text is no URL; reading throws it where the server cannot be read
 */
export function httpStore(url: string, count: ByteCount): FetchStore {
  return new FetchStore(absolute(url), { fetch: request => fetchCounted(request, count) });
}

function absolute(url: string): URL {
  const base = globalThis.location?.href;
  if (!URL.canParse(url, base)) throw new DataError(`"${url}" is no URL of a Zarr store.`);
  return new URL(url, base);
}
