/** Runs that are trained in Node, on Dawn, on waves: what is made of a trained model is tested on them. */
import 'fake-indexeddb/auto';
import type { FilesChoice } from '../../../src/data/choice/choice.ts';
import type { Score } from '../../../src/session/api/api.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { SavedRuns } from '../../../src/session/saved-runs.ts';
import { Session } from '../../../src/session/session.ts';
import { writeNetcdf } from '../data/write-netcdf.ts';
import { openDawn } from '../dawn.ts';

const STEPS = 160;
const LEVELS = [500, 850];
export const LATITUDE = Array.from({ length: 15 }, (_, i) => -84 + 12 * i);
export const LONGITUDE = Array.from({ length: 16 }, (_, i) => 22.5 * i);

const wave = (t: number, level: number, y: number, x: number) =>
  Math.sin(0.4 * x + 0.3 * level - 0.35 * t) * Math.cos(0.4 * y + level) + 0.1 * level;

/** z on two levels and t2m, of which a point is lacking always, and another now and then, on rows that are padded. */
export function waves(firstHour = 0, steps = STEPS, east = 0, stepHours = 6): ArrayBuffer {
  const [rows, columns] = [LATITUDE.length, LONGITUDE.length];
  const times = Array.from({ length: steps }, (_, t) => t + firstHour / stepHours);
  const map = (value: (y: number, x: number) => number) =>
    Array.from({ length: rows * columns }, (_, p) => value(Math.floor(p / columns), p % columns));
  const t2m = (t: number, y: number, x: number) => {
    const isLacking = (y === 2 && x === 3) || (y === 5 && x === 7 && t % 5 === 0);
    return isLacking ? Number.NaN : 280 + 10 * wave(t, 3, y, x);
  };
  return writeNetcdf({
    dimensions: { time: 0, level: LEVELS.length, latitude: rows, longitude: columns },
    records: steps,
    variables: {
      time: {
        dimensions: ['time'],
        type: 'double',
        attributes: { units: 'hours since 2018-01-01' },
        values: times.map(t => stepHours * t),
      },
      level: { dimensions: ['level'], attributes: { units: 'hPa' }, values: LEVELS },
      latitude: { dimensions: ['latitude'], attributes: { units: 'degrees_north' }, values: LATITUDE },
      longitude: {
        dimensions: ['longitude'],
        attributes: { units: 'degrees_east' },
        values: LONGITUDE.map(x => x + east),
      },
      z: {
        dimensions: ['time', 'level', 'latitude', 'longitude'],
        attributes: { units: 'm**2 s**-2', long_name: 'geopotential' },
        values: times.flatMap(t => LEVELS.flatMap((_, l) => map((y, x) => 5000 + 100 * wave(t, l, y, x)))),
      },
      t2m: {
        dimensions: ['time', 'latitude', 'longitude'],
        attributes: { units: 'K', long_name: '2 metre temperature' },
        values: times.flatMap(t => map((y, x) => t2m(t, y, x))),
      },
    },
  });
}

export const choiceOf = (bytes: ArrayBuffer): FilesChoice => ({
  kind: 'files',
  files: [{ name: 'waves.nc', blob: new Blob([bytes]) }],
});

export interface TrainedRun {
  readonly session: Session;
  readonly config: RunConfig;
  readonly scores: readonly Score[];
  readonly checkpoint: Uint8Array<ArrayBuffer>;
}

/** Trains a few steps on the bytes of a NetCDF file. */
export async function trainedRun(
  bytes: ArrayBuffer,
  changes: Pick<RunConfig, 'preset' | 'overrides'>,
): Promise<TrainedRun> {
  const session = new Session(() => openDawn(), new SavedRuns('page'));
  const config: RunConfig = { data: choiceOf(bytes), steps: 6, seed: 1, ...changes };
  await session.prepare(config);
  await session.train();
  const { scores } = await session.result();
  return { session, config, scores, checkpoint: (await session.exportCheckpoint()).bytes };
}
