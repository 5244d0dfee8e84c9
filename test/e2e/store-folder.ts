/** Stores and servers of them, as a user has them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Served, serveFiles } from '../node/data/serve-files.ts';
import { writeZarr, type ZarrFixture } from '../node/data/write-zarr.ts';

/** Writes a store into a folder, which is made. */
export async function writeStore(folder: string, fixture: ZarrFixture): Promise<void> {
  for (const [path, bytes] of await writeZarr(fixture)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

/** Serves a store under `waves.zarr/`, to pages of all sites or of its own only. */
export async function serveStore(fixture: ZarrFixture, toAll: boolean): Promise<Served> {
  const files = [...(await writeZarr(fixture))].map(
    ([path, bytes]) => [`waves.zarr/${path}`, bytes] as const,
  );
  const headers = toAll ? { 'Access-Control-Allow-Origin': '*' } : undefined;
  return serveFiles(new Map(files), undefined, { headers });
}
