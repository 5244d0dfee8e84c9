/** `npm run plan -- --gpu`: a step on machines of the table, the best mesh and why; and what is said of bad input. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/plan.ts';
import { publishedTable } from '../../../src/cli/published-table.ts';
import { ranksOf } from '../../../src/mesh/mesh.ts';
import { equivalentOf, rankedMeshes, reasonFor } from '../../../src/session/api/best-mesh.ts';
import {
  gpuNamed,
  gpus,
  linkNamed,
  links,
  type MachinePrediction,
  type MachinePredictor,
  machinePredictor,
  usualGpuNames,
} from '../../../src/session/api/machine-prediction.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';

await loadAllKinds();

afterEach(() => {
  vi.restoreAllMocks();
});

function printed(...argv: string[]): string {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  expect(main(argv)).toBe(0);
  return log.mock.calls.map(([line]) => line as string).join('\n');
}

function refused(...argv: string[]): { code: number; message: string } {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const code = main(argv);
  return { code, message: error.mock.calls[0][0] as string };
}

test('a published size on four A100: its parts, by the name of its work', () => {
  const text = printed(
    '--model',
    'weathermixer-0.25tf',
    '--mesh',
    '2x2',
    '--gpu',
    'a100',
    '--link',
    'nvlink',
  );
  expect(text).toMatch(/^published-0\.25 on a mesh of 2x2: 4 A100 SXM 40 GB \(public listings\), nvlink/);
  expect(text).toContain('assumed, until our kernels are measured on such a GPU');
  expect(text).toMatch(/A step of 1 sample takes 0\.\d+ s, [\d.e-]+ s of it waiting for exchanges/);
  expect(text).toMatch(/A rank holds [\d.]+\s[GM]iB of the 37\.3\sGiB of a GPU/);
  expect(text).toMatch(/More copies of 2x2(.|\n)* 64 +256 /);
  expect(text).toMatch(/more samples a second than \S+: for a sample/);
});

test('as JSON, with laptops', () => {
  const text = printed('--preset', 'tiny', '--gpu', 'A100', '--laptops', '--json');
  const report = JSON.parse(text);
  expect(report.predicted).toMatchObject({ ranks: 1, fits: true });
  expect(report.laptops).toHaveLength(2 * gpus.filter(({ isUsualLaptop }) => isUsualLaptop).length);
});

describe('bad input', () => {
  const cases: [string, string[], number, string][] = [
    [
      'an unknown GPU',
      ['--gpu', 'GTX 9'],
      2,
      '--gpu: There is no GPU "GTX 9" in the table: there are A100, A100-80, H100, T4,',
    ],
    ['an unknown link', ['--gpu', 'A100', '--link', 'string'], 2, '--link: There is no link "string"'],
    ['a link that is none', ['--gpu', 'A100', '--link', '3,x'], 2, '--link is "3,x"; it must be the latency'],
    [
      'a precision without units',
      ['--gpu', 'RTX 3060', '--precision', 'tf32'],
      2,
      '--precision is tf32, for which the table has no rate of GeForce RTX 3060: give f32.',
    ],
    ['no precision', ['--gpu', 'A100', '--precision', 'int8'], 2, '--precision is "int8"; there are f32,'],
    ['a share above 1', ['--gpu', 'A100', '--achieved', '2'], 2, '--achieved is "2"; it must be a number'],
    ['a mesh that is none', ['--gpu', 'A100', '--mesh', 'big'], 2, '--mesh: "big" is no mesh'],
    [
      'an impossible mesh',
      ['--gpu', 'A100', '--mesh', '1x99'],
      1,
      'The mesh 1x99 is impossible for this model',
    ],
    [
      'too many ranks',
      ['--gpu', 'A100', '--mesh', '2x2', '--replicas', '2000'],
      1,
      'A mesh of 2x2x2000 has 8000 ranks; 4096 are the most.',
    ],
    [
      'ranks that do not fill hosts',
      ['--gpu', 'A100', '--link', 'nvlink', '--mesh', '3x1', '--replicas', '40'],
      1,
      '120 ranks of a mesh of 3x1x40 do not fill hosts of 4 evenly; up to 64 can be computed.',
    ],
    ['no GPU for a link', ['--link', 'nvlink'], 2, '--link nvlink is of a machine of the table: give --gpu'],
    ['no GPU for laptops', ['--laptops'], 2, '--laptops is of a machine of the table: give --gpu'],
    [
      'an unknown size',
      ['--model', 'weathermixer-7tf', '--gpu', 'A100'],
      2,
      '--model is "published-7"; there',
    ],
  ];
  test.each(cases)('%s', (_, argv, code, message) => {
    const answer = refused(...argv);
    expect(answer.message).toContain(message);
    expect(answer.code).toBe(code);
  });
});

describe('the table', () => {
  test('every GPU and link has a source, sensible rates and a name of its own', () => {
    for (const { f32, tf32, f16, bytesPerSecond, source } of gpus) {
      expect(source).not.toBe('');
      for (const rate of [f32, tf32 ?? f32, f16 ?? f32]) expect(rate).toBeGreaterThan(1e10);
      // No GPU does fewer than 5 or more than 200 FLOP in the time of a byte.
      expect(f32 / bytesPerSecond).toBeGreaterThan(5);
      expect(f32 / bytesPerSecond).toBeLessThan(200);
    }
    for (const { source, within } of links) expect(source.length * within.bytesPerSecond).toBeGreaterThan(0);
    const names = gpus.flatMap(({ name, also = [] }) => [name, ...also]).map(name => gpuNamed(name).name);
    expect(new Set(names).size).toBe(gpus.length);
    expect(usualGpuNames.map(short => gpuNamed(short).name)).toContain('A100 SXM 40 GB');
  });
});

const row = (name: string, changes: Partial<MachinePrediction>): MachinePrediction => {
  const [rows, columns, replicas = 1] = name.split('x').map(Number);
  return {
    mesh: { rows, columns, replicas },
    ranks: 4,
    seconds: 1,
    joules: { low: 1, central: 2, high: 3 },
    exposedSeconds: 0.1,
    bytesSent: 1e9,
    samples: 1,
    samplesPerSecond: 1 / (changes.seconds ?? 1),
    peakShare: 0.5,
    bytesPerRank: 1e10,
    fits: true,
    ...changes,
  };
};

describe('the best mesh', () => {
  test('waits less: says so, with what is sent', () => {
    const rows = [
      row('2x2', { seconds: 1 }),
      row('1x4', { seconds: 1.1, exposedSeconds: 0.2, bytesSent: 3e9 }),
    ];
    expect(reasonFor(rows)).toBe(
      '2x2 gives 10.0 % more samples a second than 1x4: for a sample its ranks wait 100 ms for exchanges instead of ' +
        '200 ms (a rank sends 1.00 GB a step instead of 3.00 GB).',
    );
  });

  test('computes less, or a faster one does not fit, or none does', () => {
    const rows = [
      row('2x2', {}),
      row('1x4', { seconds: 1.5 }),
      row('1x1x4', { seconds: 0.5, fits: false, bytesPerRank: 5e10 }),
    ];
    expect(reasonFor(rows)).toBe(
      '2x2 gives 50.0 % more samples a second than 1x4: for a sample its kernels take 900 ms instead of 1400 ms. ' +
        '1x1x4 would give 100.0 % more, but a rank would hold 46.6 GiB.',
    );
    expect(reasonFor(rows.slice(2))).toContain(
      'None fits: the least that a rank would hold is 46.6 GiB (1x1x4)',
    );
    expect(reasonFor([])).toBe('No mesh of so many ranks is possible for the model.');
    expect(reasonFor(rows.slice(0, 1))).toBe('2x2 is the only one of so many ranks.');
  });

  test('those that fit come first, then the fastest', () => {
    const predict = (mesh: { columns: number }) =>
      row(`1x${mesh.columns}`, { seconds: 1 / mesh.columns, fits: mesh.columns !== 4 });
    const machines = { gpu: gpuNamed('A100'), link: linkNamed('lan'), precision: 'f32' } as const;
    const meshes = [1, 2, 4].map(columns => ({ rows: 1, columns, replicas: 1 }));
    const ranked = rankedMeshes(predict, meshes, machines);
    expect(ranked.map(({ mesh }) => mesh.columns)).toEqual([2, 1, 4]);
  });
});

test('slower GPUs make a faster one by arithmetic, and over a link as far as it lets them', () => {
  const a100 = { gpu: gpuNamed('A100'), link: linkNamed('nvlink'), precision: 'f32' } as const;
  const slow = { ...a100, gpu: { ...a100.gpu, f32: a100.gpu.f32 / 3 } };
  /** Each further rank adds this share of a GPU. */
  const predictor =
    (share: number): MachinePredictor =>
    (mesh, { gpu }) => {
      const ranks = ranksOf(mesh);
      const samplesPerSecond = (gpu.f32 / a100.gpu.f32) * (1 + share * (ranks - 1));
      return { ...row('1x1', {}), mesh, ranks, seconds: 1 / samplesPerSecond, samplesPerSecond };
    };
  const well = equivalentOf(predictor(0.5), a100, slow);
  expect(well.byArithmetic).toBeCloseTo(3, 9);
  // 1 + (8 - 1) / 2 = 4.5 slow ones; four make 2.5.
  expect(well.found?.ranks).toBe(8);
  const badly = equivalentOf(predictor(0.01), a100, slow);
  expect(badly.found).toBeUndefined();
  expect(badly.most?.share).toBeCloseTo(1.63 / 3, 9);
  const without: MachinePredictor = (mesh, machines) => ({ ...predictor(0.5)(mesh, machines), fits: false });
  expect(equivalentOf(without, a100, slow)).toEqual({ byArithmetic: well.byArithmetic });
});

test('ranks on slower GPUs hold all others up', () => {
  const predict = machinePredictor(presets.tiny);
  const machines = { gpu: gpuNamed('A100'), link: linkNamed('nvlink'), precision: 'f32' } as const;
  const mesh = { rows: 1, columns: 2, replicas: 1 };
  const alike = predict(mesh, machines).seconds;
  const laptop = { ...machines, gpu: gpuNamed('Iris Xe') };
  const mixed = predict(mesh, { ...machines, gpuOf: rank => (rank === 1 ? laptop.gpu : undefined) }).seconds;
  expect(mixed).toBeGreaterThan(alike);
  expect(mixed).toBeLessThanOrEqual(1.001 * predict(mesh, laptop).seconds);
});

test('energy is that of the table: of every GPU between rest and full power, with its machine; a slower one is counted too', () => {
  const predict = machinePredictor(presets.tiny);
  const machines = { gpu: gpuNamed('A100'), link: linkNamed('lan'), precision: 'f32' } as const;
  const mesh = { rows: 1, columns: 2, replicas: 2 };
  const { joules, seconds } = predict(mesh, machines);
  // 46 to 100 W at rest and 360 at full load of 400 rated, and 90 W (30 to 180) of the machine; 1.58 for the building.
  expect(joules.low).toBeGreaterThan(4 * seconds * 1.58 * (0.7 * 46 + 30));
  expect(joules.central).toBeLessThan(4 * seconds * 1.58 * (360 + 90));
  expect(joules.high).toBeLessThan(4 * seconds * 1.58 * (1.02 * 400 + 180));
  const laptop = gpuNamed('Iris Xe');
  const mixed = predict(mesh, { ...machines, gpuOf: rank => (rank === 1 ? laptop : undefined) });
  const watts = (each: typeof mixed) => each.joules.central / each.seconds;
  expect(watts(mixed)).toBeLessThan(watts({ ...mixed, joules, seconds }));
});

test('the published tables: every row beside its figure, and the errors of those that check', () => {
  const row = {
    table: 'replicas',
    size: '64',
    precision: 'tf32',
    loading: true,
    gpus: 256,
    ways: 4,
    published: 0.72,
    predicted: 0.9,
    calibrates: false,
    chose: false,
    error: 0.25,
  } as const;
  const text = publishedTable([row, { ...row, calibrates: true, error: 9 }]);
  expect(text).toContain('Copies of the model: efficiency beside one copy alone (case C4)');
  expect(text).toMatch(/^ *64 +tf32 +yes +256 +4 +0\.72 +0\.90 +\+25 % *$/m);
  expect(text).toMatch(/All tables, 1 rows that check: median error 25\.0 %, worst 25\.0 %$/);
});
