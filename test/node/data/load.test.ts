import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cachedDataset } from '../../../src/data/cache.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { gridFile, makeDataset } from './fixtures.ts';

const dataset = (level: number) => makeDataset({ steps: 3, value: t => level + t });
const computed = (level: number) => vi.fn(async () => dataset(level));

afterEach(() => vi.unstubAllGlobals());

describe('cachedDataset', () => {
  it('computes once for a key, and keeps the last key only', async () => {
    const first = computed(1);
    expect(await cachedDataset('one', first)).toEqual(dataset(1));
    expect(await cachedDataset('one', first)).toEqual(dataset(1));
    expect(first).toHaveBeenCalledTimes(1);

    const second = computed(2);
    expect(await cachedDataset('two', second)).toEqual(dataset(2));
    await cachedDataset('two', second);
    expect(second).toHaveBeenCalledTimes(1);
    await cachedDataset('one', first);
    expect(first).toHaveBeenCalledTimes(2);
  });

  it('computes where there is no IndexedDB, or it fails', async () => {
    vi.stubGlobal('indexedDB', undefined);
    expect(await cachedDataset('none', computed(3))).toEqual(dataset(3));
    const denied = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    vi.stubGlobal('indexedDB', { open: denied });
    expect(await cachedDataset('denied', computed(4))).toEqual(dataset(4));
  });

  it('goes on without the cache when there is no room', async () => {
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const compute = computed(5);
    expect(await cachedDataset('full', compute)).toEqual(dataset(5));
    expect(put).toHaveBeenCalledTimes(1);
    put.mockRestore();
    await cachedDataset('full', compute);
    expect(compute).toHaveBeenCalledTimes(2);
  });

  it('passes on why a computation failed', async () => {
    await expect(cachedDataset('bad', () => Promise.reject(new RangeError('no days')))).rejects.toThrow(
      'no days',
    );
  });
});

describe('loadDataset', () => {
  it('reads files, and tells how far it is', async () => {
    const progress = vi.fn();
    const { name, bytes } = gridFile('a.nc');
    const { dataset: loaded, bytesRead } = await loadDataset(
      { kind: 'files', files: [{ name, blob: new Blob([bytes]) }] },
      progress,
    );
    expect(loaded.channels[0].name).toBe('slp');
    expect(bytesRead).toBe(bytes.byteLength);
    expect(progress.mock.calls[0]).toEqual(['Reading slp of a.nc', 0]);
    expect(progress.mock.lastCall).toEqual(['Reading files', 1]);
  });
});
