/**
 * Projects for PyTorch against our own engine: losses of the ten steps after a checkpoint, in one process and in two, and
 * back again: what PyTorch trained is opened here and forecasts the same. Debian's python3-torch runs them.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { root } from '../../../scripts/setup.mjs';
import type { TrainSettings } from '../../../src/cli/arguments.ts';
import { arrayFiles } from '../../../src/cli/array-files.ts';
import { filesChoice } from '../../../src/cli/data-paths.ts';
import { main } from '../../../src/cli/graduate.ts';
import type { DataChoice } from '../../../src/data/choice/choice.ts';
import type { DataPart } from '../../../src/data/choice/part.ts';
import { resizedCrop, shiftedCrop } from '../../../src/data/images/crops.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { readSafetensors } from '../../../src/io/safetensors.ts';
import { syntheticChoice } from '../../../src/session/api/presets.ts';
import { presetOf } from '../../../src/session/api/settings.ts';
import { normalise } from '../../../src/tasks/classify/shard.ts';
import type { OpenedImages } from '../../../src/tasks/classify/types.ts';
import { projectFields } from '../../../src/tasks/forecast/project-fields.ts';
import type { ForecastKept } from '../../../src/tasks/forecast/types.ts';
import { decodeCheckpoint, readCheckpointInfo } from '../../../src/train/checkpoint.ts';
import { idxFile } from '../data/images/write-images.ts';
import { writeNetcdf } from '../data/write-netcdf.ts';
import { openDawn } from '../dawn.ts';
import { BEFORE, COMPARED, type OwnRun, ownRun, runFolder } from './runs.ts';

const PYTHON = '/usr/bin/python3';
const templates = join(root, 'templates/graduate');
const driver = fileURLToPath(new URL('drive.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'isobar-graduate-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Found {
  readonly steps: number[];
  readonly losses: number[];
  readonly validated: boolean[];
  readonly prediction: number[];
  readonly parts: Record<'train' | 'validation' | 'test', number[]>;
  readonly damaged: string | null;
}

interface Report {
  readonly projects: Record<string, Found>;
  readonly crops: number[][][];
  readonly fields: Record<string, { readonly times: boolean; readonly known: boolean; readonly off: number }>;
}

/** What is printed, and the exit code. */
async function graduate(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const out = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    const code = await main(args);
    const text = (spy: typeof out) => spy.mock.calls.map(call => call.join(' ')).join('\n');
    return { code, out: text(out), errors: text(errors) };
  } finally {
    vi.restoreAllMocks();
  }
}

/** Trains projects in processes of their own. @throws Error where Debian's python3-torch or python3-xarray is missing */
async function drive(processes: number, projects: readonly string[]): Promise<Report> {
  // Debian's torch 1.13 trips over an enum of Python 3.11 where output is not redirected.
  const torchrun = [
    '-m',
    'torch.distributed.run',
    `--nproc_per_node=${processes}`,
    '--redirects=1',
    '--tee=1',
  ];
  const launcher = processes === 1 ? [] : torchrun;
  const { stdout } = await promisify(execFile)(PYTHON, [...launcher, driver, ...projects], {
    maxBuffer: 2 ** 28,
    env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  const [, found] = /FOUND (.*)/.exec(stdout) ?? [];
  if (!found) throw new Error(`the projects said nothing of what they found: ${stdout}`);
  return JSON.parse(found);
}

const DAYS = 500;
const [ROWS, COLUMNS] = [10, 11];

/** A region with two levels and a pressure, a field without time, points never known, and a lost day. */
function writeFields(path: string): void {
  const wave = (t: number, y: number, x: number, speed: number) =>
    Math.sin(0.5 * x + 0.3 * y - speed * t) +
    0.4 * Math.cos(0.9 * x - 0.2 * t) +
    Math.cos((2 * Math.PI * t) / 365.25);
  const values = (levels: number, scale: number) =>
    Float32Array.from({ length: DAYS * levels * ROWS * COLUMNS }, (_, i) => {
      const [x, y] = [i % COLUMNS, Math.floor(i / COLUMNS) % ROWS];
      const level = Math.floor(i / COLUMNS / ROWS) % levels;
      const t = Math.floor(i / COLUMNS / ROWS / levels);
      if (t === 40 || (x < 2 && y < 3)) return 1e20;
      return scale * (10 + wave(t, y, x, 0.7 + 0.2 * level) + 0.1 * Math.sin(12.9898 * i));
    });
  const missing = { _FillValue: 1e20 };
  const bytes = writeNetcdf({
    dimensions: { time: DAYS, level: 2, lat: ROWS, lon: COLUMNS },
    variables: {
      time: {
        dimensions: ['time'],
        type: 'double',
        attributes: { units: 'days since 2001-01-01' },
        values: Array.from({ length: DAYS }, (_, t) => t),
      },
      level: { dimensions: ['level'], attributes: { units: 'hPa' }, values: [850, 500] },
      lat: {
        dimensions: ['lat'],
        attributes: { units: 'degrees_north' },
        values: Array.from({ length: ROWS }, (_, y) => 60 - 2.5 * y),
      },
      lon: {
        dimensions: ['lon'],
        attributes: { units: 'degrees_east' },
        values: Array.from({ length: COLUMNS }, (_, x) => 300 + 2.5 * x),
      },
      air: {
        dimensions: ['time', 'level', 'lat', 'lon'],
        attributes: { units: 'K', ...missing },
        values: values(2, 3),
      },
      slp: {
        dimensions: ['time', 'lat', 'lon'],
        attributes: { units: 'Pa', ...missing },
        values: values(1, 900),
      },
      height: {
        dimensions: ['lat', 'lon'],
        attributes: { units: 'm' },
        values: Array.from({ length: ROWS * COLUMNS }, (_, i) => (i * 37) % 1000),
      },
    },
  });
  writeFileSync(path, new Uint8Array(bytes));
}

/** 96 images of four classes to train on and 24 to test on, grey. */
function writeImages(to: string): void {
  mkdirSync(to);
  const [height, width] = [14, 13];
  for (const [name, count] of [
    ['train', 96],
    ['t10k', 24],
  ] as const) {
    const labels = Array.from({ length: count }, (_, i) => (i * 3 + Math.floor(i / 7)) % 4);
    const pixels = Array.from({ length: count * height * width }, (_, at) => {
      const image = Math.floor(at / height / width);
      return 40 + 45 * ((at % (2 + labels[image])) % 3) + ((at * 31 + image) % 60);
    });
    writeFileSync(join(to, `${name}-images-idx3-ubyte`), idxFile([count, height, width], pixels));
    writeFileSync(join(to, `${name}-labels-idx1-ubyte`), idxFile([count], labels));
  }
}

const cases = join(root, 'test/fixtures/cases');
/** Files that xarray reads as Isobar does: other calendars, NetCDF-4, signs, limits. */
const readable = [
  'calendar-360.nc',
  'calendar-noleap.nc',
  'netcdf4.nc',
  'unsigned-byte.nc',
  'valid-range.nc',
];

const own = new Map<string, OwnRun>();
let alone: Report;
let two: Report;

beforeAll(async () => {
  const gpu = await openDawn();
  const pipelines = new PipelineCache(gpu.device);
  const steps = BEFORE + COMPARED;
  /** @param also folders that go on from the same checkpoint by other settings */
  const make = async (
    name: string,
    settings: TrainSettings,
    choice: DataChoice,
    changes?: object,
    also: Readonly<Record<string, Partial<TrainSettings>>> = {},
  ) => {
    const run = await ownRun(gpu, pipelines, settings, choice, changes);
    for (const [as, other] of Object.entries({ [name]: {}, ...also })) {
      own.set(as, run);
      const from = runFolder(join(folder, `run-${as}`), { ...settings, ...other }, run.checkpoint);
      expect(await graduate('--run', from, '--out', join(folder, as))).toMatchObject({ code: 0, errors: '' });
    }
  };

  const fields = join(folder, 'fields.nc');
  writeFields(fields);
  await make(
    'regional',
    { data: { kind: 'files', files: [fields] }, preset: 'regional', steps, seed: 3, overrides: { batch: 4 } },
    await filesChoice([fields], {}),
  );
  await make(
    'blend',
    { data: { kind: 'synthetic', seed: 2 }, preset: 'tiny', steps, seed: 5, overrides: {} },
    syntheticChoice(presetOf('tiny'), 2),
    { head: 'blend', latentSkip: 'add', rollout: 2 },
  );
  const images = join(folder, 'images');
  writeImages(images);
  const names = readdirSync(images);
  const blobs = names.map(name => [name, new Blob([readFileSync(join(images, name))])] as const);
  const choice = { kind: 'images', place: { kind: 'files', name: 'images', files: new Map(blobs) } } as const;
  const resnet = { data: { kind: 'images', paths: [images] }, preset: 'resnet8', steps, seed: 7 } as const;
  const mesh = {
    rows: 1,
    columns: 1,
    replicas: 2,
    microBatches: 1,
    overlap: true,
    wire: 'f32',
    transport: 'local',
  } as const;
  // Two passes norm as two replicas do: each by its half of the batch.
  await make('passes', { ...resnet, overrides: { batch: 8, accumulate: 2 } }, choice, undefined, {
    replicas: { overrides: { batch: 8 }, mesh },
  });
  await make('synced', { ...resnet, overrides: { batch: 8 } }, choice, { syncNorms: true });

  for (const name of readable) {
    const to = join(folder, name);
    mkdirSync(join(to, 'data'), { recursive: true });
    const path = join(cases, name);
    const request = {
      choice: await filesChoice([path], {}),
      paths: [path],
      sink: arrayFiles(join(to, 'data')),
      folder: 'data',
      embedded: () => Promise.reject(new Error('nothing is embedded here')),
      progress: () => undefined,
    } as const;
    for (const [as, copy] of [
      ['read', false],
      ['copied', true],
    ] as const) {
      const { fields, note } = await projectFields({ ...request, copy });
      expect([name, fields.kind, note]).toEqual([name, copy ? 'arrays' : 'files', undefined]);
      writeFileSync(join(to, `${as}.json`), JSON.stringify(fields));
    }
  }

  const paths = (...projects: string[]) => projects.map(name => join(folder, name));
  alone = await drive(1, paths('regional', 'blend', 'passes', 'synced', ...readable));
  two = await drive(2, paths('regional', 'blend', 'replicas', 'synced'));
}, 240_000);

it.each([
  ['one process', () => alone],
  ['two processes', () => two],
])('in %s the ten losses after a checkpoint are ours to 1e-4', (_, report) => {
  const { projects } = report();
  expect(Object.keys(projects)).toHaveLength(4);
  for (const [name, { steps, losses }] of Object.entries(projects)) {
    const ours = own.get(name)!.losses;
    expect(ours).toHaveLength(COMPARED);
    expect(steps).toEqual(ours.map((_, i) => BEFORE + 1 + i));
    losses.forEach((loss, i) => {
      expect(
        Math.abs(loss / ours[i] - 1),
        `${name}, step ${steps[i]}: ${loss}, ours ${ours[i]}`,
      ).toBeLessThan(1e-4);
    });
  }
});

/** ||values - expected|| / ||expected|| */
function distance(values: ArrayLike<number>, expected: Float32Array): number {
  const norm = (all: Float32Array) => Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0));
  return norm(expected.map((value, i) => values[i] - value)) / norm(expected);
}

/** The input that a prediction of the first test sample is made from. */
async function inputOf(name: string): Promise<Float32Array<ArrayBuffer>> {
  const { kept, model } = own.get(name)!;
  if (model.kind === 'weathermixer') {
    const { task } = kept as ForecastKept;
    const { inputSteps } = task.options;
    const input = new Float32Array((inputSteps * task.channels + task.statics) * task.height * task.width);
    task.fillInput(task.test[0], input, 0);
    return input;
  }
  const { source, moments } = kept as OpenedImages;
  const { channels, height, width, test } = source;
  const input = new Float32Array(channels * height * width);
  normalise(await source.read([test[0]]), { format: { channels, height, width }, moments }, input, 0);
  return input;
}

it.each(['regional', 'blend', 'synced'])(
  '%s: what PyTorch trained is opened here and forecasts the same',
  async name => {
    const { trainer, model } = own.get(name)!;
    const bytes = Uint8Array.from(readFileSync(join(folder, name, 'trained-1.safetensors')));
    const before = readSafetensors(own.get(name)!.checkpoint);
    const { info, state } = decodeCheckpoint(bytes, model, trainer.layout, trainer.stateSpaces);
    expect(info).toMatchObject({
      ...readCheckpointInfo(own.get(name)!.checkpoint),
      step: BEFORE + COMPARED,
      lossLast: alone.projects[name].losses[COMPARED - 1],
      savedAt: expect.any(Number),
    });
    const after = readSafetensors(bytes);
    expect(after.metadata.normalisation).toBe(before.metadata.normalisation);
    expect([...after.tensors.keys()].sort()).toEqual([...before.tensors.keys()].sort());
    // Weights, moments, averages and running statistics of the ten steps are ours too.
    expect(Object.keys(state)).toEqual(Object.keys(own.get(name)!.state));
    for (const [space, values] of Object.entries(own.get(name)!.state)) {
      expect(distance(state[space], values), space).toBeLessThan(1e-4);
    }
    await trainer.writeState(state, info.step);
    const ours = await trainer.predict(await inputOf(name), 1);
    const theirs = alone.projects[name].prediction;
    expect(theirs).toHaveLength(ours.length);
    expect(distance(theirs, ours)).toBeLessThan(1e-5);
  },
);

it('samples of all parts are ours, and the validation part is scored when it is asked for', () => {
  for (const name of ['regional', 'blend']) {
    const { train, validation, test } = (own.get(name)!.kept as ForecastKept).task;
    const { parts } = alone.projects[name];
    expect(parts).toEqual({ train: [...train], validation: [...validation], test: [...test] });
  }
  expect(alone.projects.blend.validated).toEqual(
    Array.from({ length: COMPARED }, (_, i) => (BEFORE + 1 + i) % 5 === 0 || i === COMPARED - 1),
  );
});

it('xarray is told of fields so that it reads what Isobar reads', () => {
  expect(Object.keys(alone.fields)).toEqual(readable);
  for (const [name, { times, known, off }] of Object.entries(alone.fields)) {
    expect([name, times, known]).toEqual([name, true, true]);
    expect(off, name).toBeLessThan(1e-6);
  }
});

it.each<[string, string, DataPart?]>([
  ['ensemble.nc', 'they are of an ensemble'],
  ['calendar-noleap.nc', 'they are a part of the grid, or thinned', { thin: { steps: 2 } }],
  ['compressed.nc.gz', 'they are packed'],
  ['expver.nc', 't has a dimension beside time, level, latitude and longitude'],
])('%s is copied, and it is said why', async (name, why, part = {}) => {
  const path = join(cases, name);
  const to = join(folder, `copied-${name}`);
  mkdirSync(to);
  const { fields, note } = await projectFields({
    choice: await filesChoice([path], part),
    paths: [path],
    copy: false,
    sink: arrayFiles(to),
    folder: 'data',
    embedded: () => Promise.reject(new Error('nothing is embedded here')),
    progress: () => undefined,
  });
  expect([fields.kind, note]).toEqual(['arrays', why]);
});

it('images are shifted and cropped as here', () => {
  const shape = { channels: 3, height: 20, width: 24 };
  const pixels = Uint8Array.from({ length: 3 * 20 * 24 }, (_, i) => (i * 7919) % 251);
  const [shifted, cropped] = alone.crops;
  for (let drawn = 0; drawn < 6; drawn++) {
    const out = new Uint8Array(pixels.length);
    shiftedCrop(pixels, shape, { seed: 5, drawn }, out);
    expect(shifted[drawn]).toEqual([...out]);
    resizedCrop(pixels, shape, { seed: 5, drawn }, shape, out);
    const off = cropped[drawn].map((value, i) => Math.abs(value - out[i]));
    // A sum that lies halfway may be rounded either way.
    expect(Math.max(...off)).toBeLessThanOrEqual(1);
    expect(off.filter(value => value > 0).length).toBeLessThan(4);
  }
});

it('data that read otherwise than here are refused by number', () => {
  expect(alone.projects.regional.damaged).toMatch(
    /^Record 0 does not read as in Isobar: channel 0 has 104 known values of mean .* Are these the same files\?/,
  );
});

it('what is in the way of a project is said', async () => {
  const run = join(folder, 'run-blend');
  expect(await graduate('--out', join(folder, 'other'))).toMatchObject({
    code: 2,
    errors: expect.stringContaining('Give the folder of a run: --run runs/demo.'),
  });
  expect(await graduate('--run', run, '--out', join(folder, 'blend'))).toMatchObject({
    code: 2,
    errors: expect.stringContaining('holds something already: choose another folder.'),
  });
  expect(await graduate('--run', join(folder, 'nothing'), '--out', join(folder, 'other'))).toMatchObject({
    code: 2,
    errors: expect.stringContaining('holds no run to resume'),
  });
  const pictures = join(folder, 'pictures');
  for (const name of ['cat', 'dog']) {
    mkdirSync(join(pictures, name), { recursive: true });
    writeFileSync(join(pictures, name, '1.png'), 'none');
  }
  const photographs = { ...JSON.parse(readFileSync(join(folder, 'run-synced', 'config.json'), 'utf8')) };
  photographs.data = { kind: 'images', paths: [pictures] };
  const from = runFolder(join(folder, 'run-pictures'), photographs, own.get('synced')!.checkpoint);
  expect(await graduate('--run', from, '--out', join(folder, 'other'))).toMatchObject({
    code: 1,
    errors: expect.stringContaining(`${basename(pictures)} has images in folders of classes`),
  });
});

it('the templates have nothing that Python would stumble over later', async () => {
  const files = readdirSync(templates).filter(name => name.endsWith('.py'));
  expect(files.length).toBe(8);
  const paths = [...files.map(name => join(templates, name)), driver];
  await expect(promisify(execFile)(PYTHON, ['-m', 'pyflakes', ...paths])).resolves.toMatchObject({
    stdout: '',
  });
  for (const path of paths) {
    const long = readFileSync(path, 'utf8')
      .split('\n')
      .filter(line => line.length > 120);
    expect(long, path).toEqual([]);
  }
});
