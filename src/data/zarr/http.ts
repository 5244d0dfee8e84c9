/** A Zarr store behind a URL. */
import { FetchStore } from 'zarrita';
import type { ByteCount } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { fetchCounted } from '../../io/http.ts';
import { proxiedPath } from '../choice/weatherbench2.ts';

/**
 * @param url absolute, or relative to the page
 * @throws DataError where the text is no URL; reading throws it where the server cannot be read
 */
export function httpStore(url: string, count: ByteCount): FetchStore {
  const location = absolute(url);
  const proxied = proxiedPath(location.href);
  const instead = proxied
    ? `start Isobar with npm start and use ${proxied}, or download the store and choose its folder`
    : 'download the store and choose its folder, or serve it from a server that sends Access-Control-Allow-Origin';
  return new FetchStore(location, { fetch: request => fetchCounted(request, count, instead) });
}

function absolute(url: string): URL {
  const base = globalThis.location?.href;
  if (!URL.canParse(url, base)) throw new DataError(`"${url}" is no URL of a Zarr store.`);
  return new URL(url, base);
}
