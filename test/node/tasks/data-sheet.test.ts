/** The data sheet as plain values: what is read of it, and its maps. Truth is the data set itself. */
import { describe, expect, it } from 'vitest';
import type { FilesChoice } from '../../../src/data/choice/choice.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { forecastPresets } from '../../../src/session/api/presets.ts';
import { dataSheet } from '../../../src/tasks/forecast/data-sheet.ts';
import { gridFile } from '../data/fixtures.ts';

const { options } = forecastPresets.tiny.task;
const mesh = { rows: 1, columns: 1 };
const steps = 64;
const [rows, columns] = [2, 3];

/** Nothing is known of the first step, nor of one point at every fourth. */
function holes(): FilesChoice {
  const values = Array.from({ length: steps * rows * columns }, (_, i) => {
    const [t, point] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    return t === 0 || (point === 4 && t % 4 === 0) ? 1e20 : 10 * t + point;
  });
  const { name, bytes } = gridFile('holes.nc', {
    times: Array.from({ length: steps }, (_, t) => t),
    variables: {
      slp: { dimensions: ['time', 'lat', 'lon'], attributes: { units: 'Pa', missing_value: 1e20 }, values },
    },
  });
  return { kind: 'files', files: [{ name, blob: new Blob([bytes]) }] };
}

describe('the data sheet', () => {
  it('shows the first field of which anything is known, and how much is missing where', async () => {
    const { maps, sheet } = await dataSheet(holes(), options, mesh);
    expect(maps.first).toMatchObject({ channel: { name: 'slp' }, time: '2001-01-02T00:00Z' });
    expect([...(maps.first?.values ?? [])]).toEqual([10, 11, 12, 13, 14, 15]);
    expect([...(maps.missing ?? [])].map(share => Math.round(steps * share))).toEqual([1, 1, 1, 1, 16, 1]);
    expect(sheet.channels[0].known).toBeCloseTo(1 - 21 / 384, 12);
    expect(sheet).toMatchObject({ read: 1, bytes: 4 * 384, chosen: [] });
  });

  it('reads the first time only of what is more than it may read', async () => {
    const { maps, sheet } = await dataSheet(holes(), options, mesh, { most: 4 * 383 });
    expect(sheet.read).toBeCloseTo(1 / steps, 12);
    expect(sheet.channels[0]).toMatchObject({ known: 0, mean: null, min: null });
    expect(maps.first).toBeUndefined();
    expect(sheet.split).toMatchObject({ train: { from: '2001-01-01T00:00Z' } });
    expect((await dataSheet(holes(), options, mesh, { most: 4 * 384 })).sheet.read).toBe(1);
  });

  it('is of computed data too, which are cut as they are trained on', async () => {
    const choice = {
      kind: 'synthetic',
      like: 'atmosphere',
      height: 8,
      width: 16,
      steps: 64,
      seed: 2,
    } as const;
    const { dataset } = await loadDataset(choice);
    const { maps, sheet } = await dataSheet(choice, options, mesh);
    expect(maps.missing).toBeUndefined();
    expect(maps.first?.values).toEqual(dataset.values.slice(0, 8 * 16));
    expect(sheet.split).toMatchObject({ train: { samples: 32 - options.leadSteps } });
    expect(sheet.channels).toHaveLength(dataset.channels.length);
  });
});
