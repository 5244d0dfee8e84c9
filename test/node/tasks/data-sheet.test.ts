/** The data sheet as plain values: what is read of it, and its maps. Truth is the data set itself. */
import { describe, expect, it } from 'vitest';
import type { BoxedSource } from '../../../src/data/boxed-source.ts';
import type { FilesChoice } from '../../../src/data/choice/choice.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { isoTime } from '../../../src/io/calendar.ts';
import { bytes } from '../../../src/io/number-text.ts';
import { forecastPresets } from '../../../src/session/api/presets.ts';
import { sheetSections } from '../../../src/show/data-sheet.ts';
import { dataSheet } from '../../../src/tasks/forecast/data-sheet.ts';
import { sweep } from '../../../src/tasks/forecast/sheet-sweep.ts';
import { gridFile, makeDataset } from '../data/fixtures.ts';

const { options } = forecastPresets.tiny.task;
const mesh = { rows: 1, columns: 1 };
const [rows, columns] = [2, 3];

/** Nothing is known of the first step, nor of one point at every fourth. */
function holes(steps = 64): FilesChoice {
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
    expect([...(maps.missing ?? [])].map(share => Math.round(64 * share))).toEqual([1, 1, 1, 1, 16, 1]);
    expect(sheet.channels[0].known).toBeCloseTo(1 - 21 / 384, 12);
    expect(sheet).toMatchObject({ read: 1, bytes: 4 * 384, chosen: [] });
  });

  it('reads a sample of what is more than it may read, spread over all of it, and says so', async () => {
    const many = 200;
    const { maps, sheet } = await dataSheet(holes(many), options, mesh, { most: 4 * 6 * many - 1 });
    const times = Array.from({ length: 64 }, (_, i) => Math.floor((i * many) / 64));
    expect(sheet).toMatchObject({ timesRead: 64, read: 64 / many, sizes: { times: many } });
    const [channel] = sheet.channels;
    expect(channel).toMatchObject({ min: 10 * times[1], max: 10 * times[63] + 5 });
    expect(maps.first?.time).toBe(isoTime(Date.UTC(2001, 0, 1 + times[1])));
    // What was not read counts as known: all but the first time, of which it is known.
    expect(sheet.split).toMatchObject({ train: { from: '2001-01-01T00:00Z' } });
    const [{ facts }] = sheetSections(sheet).filter(section => section.kind === 'facts');
    expect(facts.at(-1)).toEqual({
      label: 'Values',
      text: `a sample: of 64 of 200 steps, spread over all of them, which are ${bytes(4 * 6 * many)} in memory`,
    });
    const whole = await dataSheet(holes(many), options, mesh, { most: 4 * 6 * many });
    expect(whole.sheet).toMatchObject({ timesRead: many, read: 1 });
  });

  it('reads no more than seconds take of forty years, whose chunks of a hundred steps are read whole', async () => {
    const asked: (readonly [number, number])[] = [];
    const [length, points, names] = [58_440, 64 * 32, 69];
    const own = Float64Array.from({ length }, (_, t) => t);
    const channels = Array.from({ length: names }, (_, c) => ({
      name: `c${c}`,
      longName: '',
      units: '',
      variable: '',
    }));
    const [latitude, longitude] = [new Float64Array(32), new Float64Array(64)];
    const source: BoxedSource = {
      fields: {
        channels,
        statics: 0,
        latitude,
        longitude,
        times: own,
        stepHours: 6,
        blocks: Int32Array.from({ length: Math.ceil(length / 100) }, (_, i) => 100 * i),
      },
      describeSplit: () => [],
      async read(box) {
        const { timeFrom = 0, timeTo = 0 } = box ?? {};
        asked.push([timeFrom, timeTo]);
        // Not all of it, so that the test takes no time.
        const values = new Float32Array(points);
        const dataset = { ...makeDataset({ steps: 2, value: () => 0 }), values };
        return { dataset, bytesRead: 0 };
      },
    };
    const { read } = await sweep(source, 2 ** 28, () => undefined);
    expect(asked.map(([from]) => from)).toEqual([0, 29_200]);
    expect([read, 4 * read * points * names < 2 ** 27]).toEqual([200, true]);
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
