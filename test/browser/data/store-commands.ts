/** Commands of the browser tests that run in Node: a server of a Zarr store, which other sites may read or not. */

import { type Served, serveFiles } from '../../node/data/serve-files.ts';
import { waveStore } from '../../node/data/wave-store.ts';
import { writeZarr, type ZarrFixture } from '../../node/data/write-zarr.ts';
import { weatherStore } from '../../node/data/zarr-fixture.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Serves the weather fixture and gives its address; with the header that lets all sites read it, or without. */
    serveStore(shared: boolean): Promise<string>;
    /** Serves a store that is large enough to train on (`waveStore`), to all sites. */
    serveWaves(): Promise<string>;
    closeStore(url: string): Promise<void>;
  }
}

const servers = new Map<string, Served>();

async function serve(fixture: ZarrFixture, shared: boolean): Promise<string> {
  const headers = shared ? { 'Access-Control-Allow-Origin': '*' } : undefined;
  const files = [...(await writeZarr(fixture))];
  const under = new Map(files.map(([path, bytes]) => [`weather.zarr/${path}`, bytes]));
  const server = await serveFiles(under, undefined, { headers });
  const url = `${server.url}weather.zarr`;
  servers.set(url, server);
  return url;
}

export const storeCommands = {
  serveStore: async (_: unknown, shared: boolean): Promise<string> => {
    return serve(weatherStore(2), shared);
  },
  serveWaves: async (): Promise<string> => serve(waveStore(), true),
  closeStore: async (_: unknown, url: string): Promise<void> => {
    await servers.get(url)?.close();
    servers.delete(url);
  },
};
