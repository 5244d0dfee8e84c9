/**
 * Data that do not fit into memory, as the data side of a rank reads them while a device takes steps: memory of the process,
 * and the share of the time in which a step waits for its batch. The device is a clock: so it can be as fast as a GPU is.
 *
 * Files are sparse, their values zeros: what is measured is reading, unpacking, normalising and ordering, and memory.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker as Thread, type TransferListItem } from 'node:worker_threads';
import type { BoxedChoice } from '../src/data/choice/choice.ts';
import { openShard } from '../src/tasks/forecast/shard-reader.ts';
import { openForecast } from '../src/tasks/forecast/supply.ts';
import type { ForecastOptions } from '../src/tasks/forecast/task.ts';
import { batchFeed } from '../src/train/batch-feed.ts';
import { batchesOf } from '../src/train/batches.ts';

/** As the demo: a day ahead, in pairs, on a grid of 32 x 64 points with 20 channels. */
const ROWS = 32;
const COLUMNS = 64;
const LEVELS = [200, 300, 500, 700, 850];
const NAMES = ['geopotential', 'temperature', 'u', 'v'];
const axisNames = ['time', 'level', 'latitude', 'longitude'];
const BATCH = 2;
const STEP_MS = 10;
const options: ForecastOptions = {
  inputSteps: 1,
  leadSteps: 4,
  patch: [4, 4],
  split: { kind: 'fraction', train: 0.8, validation: 0.1 },
  normalisation: 'anomaly',
  harmonics: 2,
  scoredStarts: 64,
  scoredSteps: [1, 2, 3, 5],
};
const stateBytes = 4 * NAMES.length * LEVELS.length * ROWS * COLUMNS;

const latitudes = Array.from({ length: ROWS }, (_, y) => -90 + ((y + 0.5) * 180) / ROWS);
const longitudes = Array.from({ length: COLUMNS }, (_, x) => (x * 360) / COLUMNS);

/** A NetCDF file (CDF-5) of so many steps, all of whose fields are holes. */
export async function sparseNetcdf(path: string, steps: number): Promise<void> {
  const dimensions = { time: steps, level: LEVELS.length, latitude: ROWS, longitude: COLUMNS };
  const names = Object.keys(dimensions);
  const axes = {
    time: { units: 'hours since 1979-01-01', values: Array.from({ length: steps }, (_, t) => 6 * t) },
    level: { units: 'hPa', values: LEVELS },
    latitude: { units: 'degrees_north', values: latitudes },
    longitude: { units: 'degrees_east', values: longitudes },
  };
  const variables = [
    ...Object.entries(axes).map(([name, { units, values }]) => ({
      name,
      along: [name],
      units,
      type: 6,
      bytes: 8 * values.length,
    })),
    ...NAMES.map(name => ({
      name,
      along: names,
      units: '1',
      type: 5,
      bytes: (stateBytes / NAMES.length) * steps,
    })),
  ];
  const header = (begins: readonly number[]): Buffer => {
    const parts: Buffer[] = [Buffer.from([0x43, 0x44, 0x46, 5])];
    const int = (value: number) => {
      const buffer = Buffer.alloc(4);
      buffer.writeUInt32BE(value);
      parts.push(buffer);
    };
    const long = (value: number) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigUInt64BE(BigInt(value));
      parts.push(buffer);
    };
    const text = (value: string) => {
      long(value.length);
      parts.push(Buffer.from(value.padEnd(Math.ceil(value.length / 4) * 4, '\0')));
    };
    long(0);
    int(10);
    long(names.length);
    for (const [name, size] of Object.entries(dimensions)) {
      text(name);
      long(size);
    }
    int(0);
    long(0);
    int(11);
    long(variables.length);
    variables.forEach(({ name, along, units, type, bytes }, i) => {
      text(name);
      long(along.length);
      for (const dimension of along) long(names.indexOf(dimension));
      int(12);
      long(1);
      text('units');
      int(2);
      text(units);
      int(type);
      long(bytes);
      long(begins[i]);
    });
    return Buffer.concat(parts);
  };
  let at = header(variables.map(() => 0)).length;
  const begins = variables.map(({ bytes }) => {
    const begin = at;
    at += bytes;
    return begin;
  });
  const file = await open(path, 'w');
  await file.write(header(begins), 0, undefined, 0);
  let index = 0;
  for (const { values } of Object.values(axes)) {
    const bytes = Buffer.alloc(8 * values.length);
    for (const [i, value] of values.entries()) bytes.writeDoubleBE(value, 8 * i);
    await file.write(bytes, 0, undefined, begins[index++]);
  }
  await file.truncate(at);
  await file.close();
}

/** A Zarr store of so many steps in chunks of a hundred, all levels and the whole map, not packed. */
export async function sparseZarr(folder: string, steps: number): Promise<void> {
  const chunk = 100;
  const axis = async (name: string, units: string, values: readonly number[]) => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, '0'), Float64Array.from(values));
    await writeFile(join(folder, name, '.zarray'), array([values.length], [values.length], '<f8'));
    await writeFile(join(folder, name, '.zattrs'), JSON.stringify({ _ARRAY_DIMENSIONS: [name], units }));
  };
  const array = (shape: readonly number[], chunks: readonly number[], dtype: string) =>
    JSON.stringify({
      ...{
        zarr_format: 2,
        shape,
        chunks,
        dtype,
        compressor: null,
        fill_value: 'NaN',
        order: 'C',
        filters: null,
      },
    });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.zgroup'), JSON.stringify({ zarr_format: 2 }));
  await axis(
    'time',
    'hours since 1979-01-01',
    Array.from({ length: steps }, (_, t) => 6 * t),
  );
  await axis('level', 'hPa', LEVELS);
  await axis('latitude', 'degrees_north', latitudes);
  await axis('longitude', 'degrees_east', longitudes);
  for (const name of NAMES) {
    await mkdir(join(folder, name), { recursive: true });
    const shape = [steps, LEVELS.length, COLUMNS, ROWS];
    await writeFile(join(folder, name, '.zarray'), array(shape, [chunk, ...shape.slice(1)], '<f4'));
    await writeFile(
      join(folder, name, '.zattrs'),
      JSON.stringify({ _ARRAY_DIMENSIONS: ['time', 'level', 'longitude', 'latitude'], units: '1' }),
    );
    for (let i = 0; i < Math.ceil(steps / chunk); i++) {
      const file = await open(join(folder, name, `${i}.0.0.0`), 'w');
      await file.truncate((stateBytes / NAMES.length) * chunk);
      await file.close();
    }
  }
}

/** What a server tells of itself, since it was started. */
interface ServerFigures {
  readonly idleMs: number;
  readonly peakBytes: number;
}

interface Served {
  readonly url: string;
  figures(): Promise<ServerFigures>;
  close(): void;
}

/** Serves a folder in a process of its own, at so many bytes a second over all requests together. */
async function serve(folder: string, bytesPerSecond = Number.POSITIVE_INFINITY): Promise<Served> {
  const path = fileURLToPath(new URL('./data-server.mjs', import.meta.url));
  const server = fork(path, [folder, String(bytesPerSecond)], { execArgv: [] });
  const [{ port }] = await once(server, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    async figures() {
      const told = once(server, 'message');
      server.send('figures');
      const [figures] = await told;
      return figures;
    },
    close: () => server.disconnect(),
  };
}

/** Workers as the page has them: data are read in one, which is in the way neither of the device nor of messages. */
class ThreadWorker {
  readonly #thread: Thread;

  constructor(url: URL) {
    this.#thread = new Thread(new URL('./reader-worker.mjs', import.meta.url), { workerData: url.href });
  }

  postMessage(message: unknown, transfer: readonly TransferListItem[] = []): void {
    this.#thread.postMessage(message, transfer);
  }

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#thread.on(type, data => listener({ data }));
  }

  terminate(): void {
    this.#thread.terminate();
  }
}

interface Case {
  readonly what: string;
  /** Of them the first are not measured. */
  readonly steps: number;
  readonly warm: number;
  /** Memory for data. */
  readonly mebibytes: number;
  readonly server: Served;
}

interface Measured {
  readonly what: string;
  readonly openSeconds: number;
  readonly waiting: number;
  /** Of the process that reads, and of the one that serves. */
  readonly peakMiB: number;
  readonly serverMiB: number;
  /** Share of the time in which nothing was asked of the server, and this process's use of a core. */
  readonly idle: number;
  readonly cores: number;
  readonly bytesPerStep: number;
  readonly idealPerStep: number;
  readonly stepMs: number;
}

/** Steps of a device that takes `STEP_MS` for each, from data that are opened as a run opens them. */
async function measure(
  { what, steps, warm, mebibytes, server }: Case,
  choice: BoxedChoice,
): Promise<Measured> {
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const begun = performance.now();
  const { data } = await openForecast(choice, options, {
    ranks: 1,
    instance: 1,
    blocksOf: () => [{}],
    ask: () => {
      throw new Error('There is one rank.');
    },
    memory: mebibytes * 2 ** 20,
    progress: () => {},
  });
  const openSeconds = (performance.now() - begun) / 1000;
  for (const note of data.reading?.notes ?? []) console.log(`  ${note}`);
  const shard = openShard(data.own);
  let doneAt = performance.now();
  const source = batchesOf(shard, data.task.frame.inputs, { batch: BATCH, globalBatch: BATCH, offset: 0 });
  const feed = batchFeed(source, () => (doneAt <= performance.now() ? doneAt : undefined));
  let [waited, read, started, idleMs] = [0, 0, 0, 0];
  let used = process.cpuUsage();
  for (let step = 1; step <= steps; step++) {
    if (step === warm + 1) {
      ({ idleMs } = await server.figures());
      used = process.cpuUsage();
      [waited, read, started] = [feed.waitedMs, shard.reading?.reads.bytes ?? 0, performance.now()];
    }
    await feed.take(step, 1);
    doneAt = Math.max(doneAt, performance.now()) + STEP_MS;
    feed.makeAhead(step + 1, 1);
    // Two steps may wait for the device.
    const pause = doneAt - STEP_MS - performance.now();
    if (pause > 0) await new Promise(resolve => setTimeout(resolve, pause));
  }
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(used);
  const figures = await server.figures();
  clearInterval(watch);
  data.close?.();
  return {
    what,
    openSeconds,
    waiting: (feed.waitedMs - waited) / ms,
    peakMiB: peak / 2 ** 20,
    serverMiB: figures.peakBytes / 2 ** 20,
    idle: (figures.idleMs - idleMs) / ms,
    cores: (user + system) / 1000 / ms,
    bytesPerStep: ((shard.reading?.reads.bytes ?? 0) - read) / (steps - warm),
    idealPerStep: BATCH * (shard.reading?.reads.idealBytesPerSample ?? 0),
    stepMs: ms / (steps - warm),
  };
}

const row = ({
  what,
  openSeconds,
  waiting,
  peakMiB,
  serverMiB,
  cores,
  bytesPerStep,
  idealPerStep,
  stepMs,
}: Measured) => [
  what,
  openSeconds.toFixed(1),
  stepMs.toFixed(1),
  (100 * waiting).toFixed(1),
  `${peakMiB.toFixed(0)} + ${serverMiB.toFixed(0)}`,
  cores.toFixed(2),
  (bytesPerStep / 1e6).toFixed(2),
  (idealPerStep / 1e6).toFixed(2),
];

/** What the emulated store gives, bytes a second. */
const SLOW = 20e6;

/** @param share of the full sizes, to try it */
export async function main(only?: string, share = 1): Promise<void> {
  const folder = join(tmpdir(), `isobar-bench-data-${process.pid}`);
  await mkdir(folder);
  const measured: Measured[] = [];
  const [fast, slow] = [await serve(folder), await serve(folder, SLOW)];
  const file = async (bytes: number, server: Served): Promise<BoxedChoice> => {
    await sparseNetcdf(join(folder, 'large.nc'), Math.round(bytes / stateBytes));
    return { kind: 'files', files: [{ url: `${server.url}/large.nc` }] };
  };
  const named = (format: string, gigabytes: number) =>
    `${format}, ${Number((gigabytes * share).toFixed(2))} GB`;
  /**
   * Memory and steps go with the size: so a share of the data fits as little, and takes as much less time.
   *
   * @param least MiB: of chunks a window of 256 must have room, and what they are of be larger than 1 GiB to be drawn from windows
   */
  const long = (steps: number, least: number) => ({
    steps: Math.max(300, Math.round(steps * share)),
    warm: Math.max(100, Math.round(500 * share)),
    mebibytes: Math.max(least, 1024 * share),
  });
  const cases: Record<string, () => Promise<Measured>> = {
    netcdf: async () => {
      const how = { what: named('NetCDF', 6), ...long(1500, 64), server: fast };
      return measure(how, await file(6e9 * share, fast));
    },
    zarr: async () => {
      const steps = Math.round((8e9 * share) / stateBytes);
      await sparseZarr(join(folder, 'large.zarr'), steps);
      const source = {
        kind: 'url',
        url: `${fast.url}/large.zarr`,
        names: ['.zgroup', ...NAMES, ...axisNames],
      } as const;
      const how = { what: `${named('Zarr', 8)}, chunks of 100 steps`, ...long(2500, 512), server: fast };
      return measure(how, { kind: 'zarr', source, selection: {} });
    },
    slow: async () => {
      const how = {
        what: `${named('NetCDF', 0.2)}, at 20 MB/s`,
        steps: 250,
        warm: 50,
        mebibytes: 64 * share,
        server: slow,
      };
      return measure(how, await file(2e8 * share, slow));
    },
  };
  // Addresses are of the page's own server.
  Object.assign(globalThis, { Worker: ThreadWorker, location: new URL(fast.url) });
  try {
    for (const name of only === undefined ? Object.keys(cases) : [only]) measured.push(await cases[name]());
  } finally {
    fast.close();
    slow.close();
    await rm(folder, { recursive: true });
  }
  const head = [
    'data',
    'opened in, s',
    'step, ms',
    'waiting, %',
    'memory of reader + server, MiB',
    'cores in use',
    'read a step, MB',
    'ideal, MB',
  ];
  console.log(
    [head, head.map(() => '---'), ...measured.map(row)].map(cells => `| ${cells.join(' | ')} |`).join('\n'),
  );
  for (const { what, bytesPerStep, stepMs, idle } of measured.filter(({ what }) =>
    what.includes('20 MB/s'),
  )) {
    const expected = Math.max(STEP_MS, (1000 * bytesPerStep) / SLOW);
    const off = (100 * (stepMs / expected - 1)).toFixed(0);
    // Where steps take longer than the line does, it had nothing to send: reading or making samples held it up.
    console.log(
      `${what}: ${stepMs.toFixed(1)} ms a step, by bytes over rate ${expected.toFixed(1)} ms: ${off} % off; nothing was asked of the line for ${(100 * idle).toFixed(0)} % of the time.`,
    );
  }
  console.log(`Load of the machine: ${loadavg()[0].toFixed(1)}.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv[2], Number(process.argv[3] ?? 1));
}
