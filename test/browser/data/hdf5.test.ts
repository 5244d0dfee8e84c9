/** NetCDF-4 in a worker, where the file is read in parts: see `src/data/hdf5/mount.ts`. */
import { expect, it } from 'vitest';
import url from '../../fixtures/cases/netcdf4.nc?url';
import type { Hdf5Answer } from './hdf5-worker.ts';

it('a worker reads it where it lies, by address and as a file', async () => {
  const blob = await (await fetch(url)).blob();
  const worker = new Worker(new URL('./hdf5-worker.ts', import.meta.url), { type: 'module' });
  try {
    for (const file of [{ name: 'netcdf4.nc', blob }, { url: new URL(url, location.href).href }]) {
      const answer = await new Promise<Hdf5Answer>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Hdf5Answer>) => resolve(data);
        worker.onerror = event => reject(new Error(event.message));
        worker.postMessage(file);
      });
      expect(answer.failure).toBeUndefined();
      expect(answer.channels).toEqual(['z850', 'z500']);
      expect(answer.known).toBe(959 + 960);
      expect(answer.mean).toBeCloseTo((280.13620443811504 * 959 + 280.12426668802897 * 960) / 1919, 3);
      // Of the parts that it took, and not of all at once.
      expect(answer.waits).toBe(true);
    }
  } finally {
    worker.terminate();
  }
});
