/** What is read of a Zarr store, by one rank and by those of a mesh: counted, and told before. */
import { describe, expect, it } from 'vitest';
import type { DataBox } from '../../../src/data/slice.ts';
import { readZarr } from '../../../src/data/zarr/read.ts';
import { describeSplit } from '../../../src/data/zarr/split.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { weatherStore } from './zarr-fixture.ts';
import { selection, served } from './zarr-served.ts';

describe('the bytes read', () => {
  const halves = (rows: number): DataBox[] =>
    Array.from({ length: rows }, (_, r) => ({
      channels: [0, 1, 2, 3],
      statics: [],
      latitudeFrom: Math.floor((r * 5) / rows),
      latitudeTo: Math.floor(((r + 1) * 5) / rows),
    }));

  it('are those that the server sent', async () => {
    const { source, server } = await served(weatherStore(2));
    const store = await openZarr(source, selection);
    const opening = server.sent;
    expect(store.count).toEqual({ bytes: opening, requests: server.paths.length });
    const { bytesRead } = await readZarr(store, selection);
    expect(bytesRead).toBe(server.sent - opening);
    expect(bytesRead).toBeGreaterThan(0);
  });

  it('fall with the mesh where chunks lie within ranks, and not where they span them', async () => {
    const bytesOf = async (chunks: Parameters<typeof weatherStore>[1], boxes: readonly DataBox[]) => {
      const { source } = await served(weatherStore(2, chunks));
      const store = await openZarr(source, selection);
      const all = [];
      for (const box of boxes) all.push((await readZarr(store, selection, box)).bytesRead);
      return { each: all, whole: (await readZarr(store, selection, halves(1)[0])).bytesRead };
    };
    const spanning = await bytesOf({}, halves(2));
    expect(spanning.each).toEqual([spanning.whole, spanning.whole]);
    // Five ranks of a latitude each, and chunks of one latitude.
    const fitting = await bytesOf({ latitude: 1 }, halves(5));
    expect(fitting.each.reduce((a, b) => a + b)).toBe(fitting.whole);
  });

  it('are told before they are read', async () => {
    const { source } = await served(weatherStore(2));
    const spanning = describeSplit(await openZarr(source), selection, halves(2));
    // 4 chunks of 3 steps: 3 levels and one level of 20 points.
    expect(spanning.distinct).toEqual({ chunks: 8, bytes: 4 * 3 * (3 + 1) * 20 * 4 });
    expect(spanning.ranks).toEqual([spanning.distinct, spanning.distinct]);
    expect(spanning.notes).toEqual([
      'A chunk of 2m_temperature holds 3 steps and the whole map (240\u00a0B), and is read twice.',
      'A chunk of geopotential holds 3 steps, all 3 levels and the whole map (720\u00a0B), and is read twice.',
      'Together the ranks read twice as much as one would: smaller chunks along the axes that the mesh cuts would save that.',
    ]);

    const { source: fine } = await served(weatherStore(2, { latitude: 1, level: 1 }));
    const fitting = describeSplit(await openZarr(fine), selection, halves(5));
    expect(fitting.notes).toEqual(['No chunk is read by more than one rank.']);
    expect(fitting.ranks.map(({ bytes }) => bytes)).toEqual(Array(5).fill(fitting.distinct.bytes / 5));
    // Channels of one variable on two ranks: each level has its own chunks.
    const { channels, ...rest } = halves(1)[0];
    const columns = [channels.slice(0, 2), channels.slice(2)].map(part => ({ ...rest, channels: part }));
    expect(describeSplit(await openZarr(fine), selection, columns).notes).toHaveLength(1);
  });
});
