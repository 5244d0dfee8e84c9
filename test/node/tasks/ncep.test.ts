/**
 * The NCEP task: daily sea level pressure over the North Atlantic, whose climatology and persistence scores are known.
 * Where the file is not at hand, a synthetic one of the same axes takes its place, of which the same must come out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.ts';
import { datasetFromNetcdf } from '../../../src/data/netcdf/dataset.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { createScorer } from '../../../src/tasks/forecast/skill.ts';
import { writeNetcdf } from '../data/write-netcdf.ts';

const NAME = 'ncep-slp-natl-daily-2001-2010.nc';
const path = fileURLToPath(new URL(`../../../../shared/data/${NAME}`, import.meta.url));
const real = existsSync(path);

const DAYS = 3652;
const LATITUDES = Array.from({ length: 17 }, (_, i) => 30 + 2.5 * i);
const LONGITUDES = Array.from({ length: 33 }, (_, i) => -70 + 2.5 * i);
/** An annual cycle, which the climatology takes away, and a wave of known size that turns by a right angle a day. */
const WAVE_PA = 700;
const synthetic = (day: number, lat: number, lon: number) =>
  101_000 +
  500 * Math.cos((2 * Math.PI * day) / 365.25 + lat) +
  WAVE_PA * Math.cos(lon + (Math.PI / 2) * day);

function syntheticFile(): ArrayBuffer {
  const values = new Float32Array(DAYS * LATITUDES.length * LONGITUDES.length);
  let at = 0;
  for (let day = 0; day < DAYS; day++) {
    for (const lat of LATITUDES) for (const lon of LONGITUDES) values[at++] = synthetic(day, lat, lon);
  }
  return writeNetcdf({
    dimensions: { time: DAYS, latitude: LATITUDES.length, longitude: LONGITUDES.length },
    variables: {
      time: {
        dimensions: ['time'],
        type: 'double',
        attributes: { units: 'hours since 2001-01-01 00:00:00' },
        values: Array.from({ length: DAYS }, (_, day) => 24 * day),
      },
      latitude: { dimensions: ['latitude'], attributes: { units: 'degrees_north' }, values: LATITUDES },
      longitude: { dimensions: ['longitude'], attributes: { units: 'degrees_east' }, values: LONGITUDES },
      slp: { dimensions: ['time', 'latitude', 'longitude'], attributes: { units: 'Pa' }, values },
    },
  });
}

/** Root mean squares in Pa, to 0.01 hPa. */
const expected = real
  ? { climatology: 980, persistence: 615 }
  : { climatology: WAVE_PA / Math.SQRT2, persistence: WAVE_PA };

describe(real ? 'the NCEP file' : 'a synthetic file in place of the NCEP file', () => {
  let dataset: Dataset;
  it('is read with its axes', () => {
    const file = real ? readFileSync(path) : Buffer.from(syntheticFile());
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
    dataset = datasetFromNetcdf([{ name: NAME, bytes }]);
    expect(dataset.channels.map(channel => [channel.name, channel.units])).toEqual([['slp', 'Pa']]);
    expect(dataset.times.length).toBe(DAYS);
    expect(new Date(dataset.times[DAYS - 1]).toISOString()).toBe('2010-12-31T00:00:00.000Z');
    expect(dataset).toMatchObject({ stepHours: 24, hasMissing: false, periodic: false, synthetic: false });
    expect([...dataset.latitude]).toEqual(LATITUDES);
    expect([...dataset.longitude]).toEqual(LONGITUDES);
  });

  it('gives 728 forecasts of 2009 and 2010, and the known scores of climatology and persistence', () => {
    const task = makeTask(dataset, {
      inputSteps: 2,
      leadSteps: 1,
      patch: [2, 4],
      split: { kind: 'date', validationFrom: '2009-01-01', testFrom: '2009-01-01' },
      normalisation: 'anomaly',
      harmonics: 2,
    });
    const day = (step: number) => new Date(dataset.times[step]).toISOString().slice(0, 10);
    expect(task.test.length).toBe(728);
    expect([day(task.test[0]), day(task.test[727])]).toEqual(['2009-01-02', '2010-12-30']);
    expect([day(task.train[0]), day(task.train[task.train.length - 1])]).toEqual([
      '2001-01-02',
      '2008-12-30',
    ]);
    expect(task.validation.length).toBe(0);
    expect([task.height, task.width]).toEqual([18, 36]);

    const scorer = createScorer(task);
    const points = LATITUDES.length * LONGITUDES.length;
    for (const time of task.test) {
      scorer.add(time, 1, dataset.values.subarray(time * points, (time + 1) * points));
    }
    const [row] = scorer.rows();
    expect(Math.abs(row.climatologyCos - expected.climatology)).toBeLessThan(1);
    expect(Math.abs(row.persistenceCos - expected.persistence)).toBeLessThan(1);
    // The forecast scored was persistence itself.
    expect(row.rmseCos).toBeCloseTo(row.persistenceCos, 6);
    expect(row).toMatchObject({ channel: 'slp', units: 'Pa', leadHours: 24 });
  });
});
