import { describe, expect, test } from 'vitest';
import { parseTrainArguments } from '../../../src/cli/arguments.ts';
import { movedData } from '../../../src/cli/data-source.ts';
import { type MeshSettings, meshSettings } from '../../../src/cli/mesh-settings.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

const parse = (line: string) => parseTrainArguments(line.split(' ').filter(word => word !== ''));

describe('a new run', () => {
  test('needs no argument: the page preset on the embedded atmosphere', () => {
    expect(parse('')).toMatchObject({
      kind: 'new',
      out: 'runs/demo-seed1',
      json: false,
      settings: { data: { kind: 'embedded', seed: 1 }, preset: 'demo', seed: 1, overrides: {} },
    });
  });

  test('takes every setting, and none that was not given', () => {
    const command = parse(
      '--data a.nc,b/c.nc --preset tiny --steps 20 --seed 7 --out x --json --batch 4 --accumulate 2 --learning-rate 1e-3 ' +
        '--weight-decay 0 --dropout 0.2 --width 96 --blocks 3 --evaluate-every 0 --checkpoint-seconds 30 --trace t.json',
    );
    expect(command).toEqual({
      kind: 'new',
      out: 'x',
      json: true,
      trace: 't.json',
      settings: {
        data: { kind: 'files', files: ['a.nc', 'b/c.nc'] },
        preset: 'tiny',
        steps: 20,
        seed: 7,
        overrides: {
          batch: 4,
          accumulate: 2,
          learningRate: 1e-3,
          weightDecay: 0,
          dropout: 0.2,
          width: 96,
          blocks: 3,
        },
        evaluateEvery: 0,
        checkpointSeconds: 30,
      },
    });
  });

  test('on files takes the preset made for them', () => {
    expect(parse('--data slp.nc')).toMatchObject({ settings: { preset: 'regional' } });
  });

  test.each([
    ['era5.zarr', 'zarr:era5.zarr'],
    ['/data/era5', 'zarr:/data/era5'],
    ['https://example.org/era5.zarr?key=1', 'zarr:https://example.org/era5.zarr?key=1'],
  ])('on the Zarr store %s', (store, data) => {
    expect(parse(`--data ${data}`)).toMatchObject({
      settings: { data: { kind: 'zarr', store }, preset: 'regional' },
    });
  });

  test('takes a part of files or of a store, also where it begins in the west', () => {
    const part = '--levels 500,850 --region -20,35,40,70 --from 2001-01-01 --thin means:2,steps:4';
    const read = {
      levels: [500, 850],
      region: { west: -20, south: 35, east: 40, north: 70 },
      from: '2001-01-01',
      thin: { means: 2, steps: 4 },
    };
    expect(parse(`--data a.nc --member 3 ${part}`)).toMatchObject({
      settings: { data: { kind: 'files', files: ['a.nc'], part: { member: 3, ...read } } },
    });
    expect(parse(`--data zarr:a.zarr ${part}`)).toMatchObject({
      settings: { data: { kind: 'zarr', store: 'a.zarr', ...read } },
    });
  });

  test('that goes on elsewhere uses the same part', () => {
    const part = { levels: [500], thin: { points: 2 } };
    const [files, store] = [
      { kind: 'files' as const, files: ['a.nc'], part },
      { kind: 'zarr' as const, store: 'a.zarr', ...part },
    ];
    expect(movedData(files, '/b/a.nc')).toEqual({ ...files, files: ['/b/a.nc'] });
    expect(movedData(files, 'zarr:a.zarr')).toEqual(store);
    expect(movedData(store, 'a.nc')).toEqual(files);
    expect(movedData({ kind: 'files', files: ['a.nc'] }, 'b.nc')).toEqual({ kind: 'files', files: ['b.nc'] });
  });

  test('on a part of a store', () => {
    expect(parse('--data zarr:a.zarr --variables t,z --from 2016-01-01 --to 2018-01-01')).toMatchObject({
      settings: {
        data: { kind: 'zarr', store: 'a.zarr', variables: ['t', 'z'], from: '2016-01-01', to: '2018-01-01' },
      },
    });
  });

  test('of a preset that is made for a store takes that store, unless told otherwise', () => {
    expect(parse('--preset era5')).toMatchObject({
      settings: { data: { kind: 'zarr', store: expect.stringMatching(/^https:.*64x32.*\.zarr$/) } },
    });
    expect(parse('--preset era5 --data zarr:copy.zarr')).toMatchObject({
      settings: { data: { kind: 'zarr', store: 'copy.zarr' } },
    });
    expect(() => parse('--preset era5 --days 60')).toThrow('--days belongs to --data embedded');
  });

  test('synthetic data take a seed, and the preset that they stand for', () => {
    expect(parse('--data synthetic')).toMatchObject({
      settings: { data: { kind: 'synthetic', seed: 1 }, preset: 'demo' },
    });
    expect(parse('--data synthetic --preset era5 --data-seed 4')).toMatchObject({
      settings: { data: { kind: 'synthetic', seed: 4 }, preset: 'era5' },
    });
  });

  test('of images computes them, unless it is given some', () => {
    for (const line of ['--preset resnet8', '--data shapes', '--task classify']) {
      expect(parse(line)).toMatchObject({
        out: 'runs/resnet8-seed1',
        settings: { data: { kind: 'shapes', seed: 1 }, preset: 'resnet8' },
      });
    }
    expect(parse('--model resnet14 --data shapes --data-seed 4')).toMatchObject({
      settings: { data: { kind: 'shapes', seed: 4 }, preset: 'resnet14' },
    });
    expect(parse('--model resnet8 --data a.bin,b.bin')).toMatchObject({
      settings: { data: { kind: 'images', paths: ['a.bin', 'b.bin'] } },
    });
  });

  test('has its model and training settings by --preset or --model, for a task or another', () => {
    for (const line of ['--model tiny', '--preset tiny --model tiny', '--model tiny --task forecast']) {
      expect(parse(line)).toMatchObject({ settings: { preset: 'tiny' } });
    }
    expect(parse('--task forecast --data slp.nc')).toMatchObject({ settings: { preset: 'regional' } });
    expect(parse('--model resnet8 --width 8')).toMatchObject({
      settings: { preset: 'resnet8', overrides: { width: 8 } },
    });
  });

  test('on the embedded atmosphere takes its days and seed', () => {
    expect(parse('--days 60 --data-seed 3')).toMatchObject({
      settings: { data: { kind: 'embedded', days: 60, seed: 3 } },
    });
  });
});

describe('a resumed run', () => {
  test('goes on in its own folder, with more steps', () => {
    expect(parse('--resume runs/a --steps 4000 --json --trace t.json')).toEqual({
      kind: 'resume',
      from: 'runs/a',
      out: 'runs/a',
      json: true,
      trace: 't.json',
      changes: { steps: 4000 },
      mesh: {},
    });
  });

  test('may compute its batch in more passes', () => {
    expect(parse('--resume a --accumulate 2')).toMatchObject({ kind: 'resume', accumulate: 2 });
    expect(parse('--resume a --recompute')).toMatchObject({ kind: 'resume', changes: { recompute: true } });
    expect(parse('--recompute')).toMatchObject({ settings: { recompute: true } });
  });

  test('may take its files from elsewhere', () => {
    expect(parse('--resume a --out b --data /moved/slp.nc')).toMatchObject({
      out: 'b',
      data: '/moved/slp.nc',
    });
  });

  test.each(['--preset tiny', '--seed 2', '--batch 8', '--days 90', '--data embedded', '--from 2016-01-01'])(
    'refuses %s',
    option => {
      expect(() => parse(`--resume a ${option}`)).toThrow(UsageError);
    },
  );
});

describe('a mesh', () => {
  const two: MeshSettings = {
    rows: 2,
    columns: 1,
    replicas: 1,
    transport: 'webrtc',
    microBatches: 2,
    overlap: false,
    wire: 'f16',
  };

  test('is one of workers that compute while they exchange, unless told otherwise', () => {
    expect(parse('--mesh 2x4')).toMatchObject({
      settings: {
        mesh: {
          rows: 2,
          columns: 4,
          replicas: 1,
          transport: 'local',
          microBatches: 1,
          overlap: true,
          wire: 'f32',
        },
      },
    });
  });

  test('takes every setting', () => {
    expect(
      parse('--mesh 2x1 --batch 6 --replicas 3 --micro-batches 2 --overlap off --wire f16 --link 5,20'),
    ).toMatchObject({
      settings: {
        mesh: {
          rows: 2,
          columns: 1,
          replicas: 3,
          transport: 'local',
          microBatches: 2,
          overlap: false,
          wire: 'f16',
          link: { latencyMs: 5, megabytesPerSecond: 20 },
        },
      },
    });
    expect(parse('--mesh 1x2 --transport webrtc')).toMatchObject({
      settings: { mesh: { transport: 'webrtc' } },
    });
  });

  test('of one rank is none', () => {
    expect(parse('--mesh 1x1 --overlap on')).toEqual(parse(''));
  });

  test('of replicas alone is one', () => {
    expect(parse('--replicas 2')).toMatchObject({ settings: { mesh: { rows: 1, columns: 1, replicas: 2 } } });
  });

  test('of a resumed run changes in what is given', () => {
    expect(parse('--resume a --mesh 1x1')).toMatchObject({ mesh: { rows: 1, columns: 1 } });
    expect(meshSettings({}, { batch: 4 }, two)).toEqual(two);
    expect(meshSettings({ rows: 2, columns: 2 }, { batch: 4 }, two)).toEqual({ ...two, columns: 2 });
    expect(meshSettings({ rows: 1, columns: 1 }, { batch: 4 }, two)).toBeUndefined();
    expect(meshSettings({ replicas: 2, overlap: true }, { batch: 4 }, two)).toEqual({
      ...two,
      replicas: 2,
      overlap: true,
    });
  });

  test('over WebRTC has real links: those that were emulated are gone', () => {
    const link = { latencyMs: 1, megabytesPerSecond: 1 };
    expect(meshSettings({ transport: 'webrtc' }, { batch: 4 }, { ...two, transport: 'local', link })).toEqual(
      two,
    );
  });

  test('of a resumed run must suit its batch', () => {
    expect(() => meshSettings({ replicas: 3 }, { batch: 4 }, two)).toThrow(
      'A batch of 4 cannot be shared by 3 replicas',
    );
  });
});

test('help is help, whatever else is there', () => {
  expect(parse('--help --steps 3')).toEqual({ kind: 'help' });
});

describe('nonsense is named', () => {
  test.each([
    ['--steps 0', '--steps is "0"; it must be a whole number from 1 to'],
    ['--steps 1.5', 'whole number'],
    ['--steps 1e99', '--steps is "1e99"'],
    ['--steps many', '--steps is "many"'],
    ['--steps=-4', '--steps is "-4"'],
    ['--seed 4294967296', 'from 0 to 4\u202f294\u202f967\u202f295'],
    ['--batch 0', '--batch'],
    ['--learning-rate 0', '--learning-rate is "0"'],
    ['--learning-rate Infinity', '--learning-rate'],
    ['--learning-rate NaN', '--learning-rate'],
    ['--dropout 1', 'from 0 to 0.95'],
    ['--weight-decay=-1', '--weight-decay'],
    ['--width 0', '--width'],
    ['--blocks 1e4', '--blocks'],
    ['--days 3', 'from 10 to'],
    ['--checkpoint-seconds 0', '--checkpoint-seconds'],
    ['--data a.nc --days 60', '--days belongs to --data embedded'],
    ['--data synthetic --days 60', '--days belongs to --data embedded'],
    ['--data a.nc --data-seed 2', '--data-seed belongs to --data embedded, synthetic or shapes'],
    ['--resume runs/a --data synthetic', '--data synthetic cannot be given with --resume'],
    ['--resume runs/a --data shapes', '--data shapes cannot be given with --resume'],
    ['--resume runs/a --model tiny', '--model cannot be changed on the way'],
    ['--data shapes --days 60', '--days belongs to --data embedded'],
    ['--model resnet8 --data a --data-seed 2', '--data-seed belongs to --data embedded, synthetic or shapes'],
    ['--model resnet8 --variables t', '--variables belongs to --data FILE or zarr:STORE'],
    [
      '--model resnet8 --data zarr:a',
      '--data zarr:a are fields, and resnet8 is trained on images: give shapes, a folder, a zip or a .tar.gz, or files separated by commas, or choose a preset of forecast (such as demo).',
    ],
    ['--model resnet8 --data synthetic', '--data synthetic are fields, and resnet8 is trained on images'],
    ['--model resnet8 --data embedded', '--data embedded are fields, and resnet8 is trained on images'],
    [
      '--model tiny --data shapes',
      '--data shapes are images, and tiny is trained on fields: choose a preset of classify (such as resnet8).',
    ],
    ['--model huge', '--model is "huge"; there are demo, tiny, regional'],
    [
      '--model tiny --preset demo',
      '--preset is "demo" and --model "tiny": both name the model and its training settings; give one of them.',
    ],
    ['--task guess', '--task is "guess"; there are forecast, classify.'],
    [
      '--task classify --preset tiny',
      '--task is "classify", and the task of tiny is forecast; of classify there are resnet8, resnet14',
    ],
    [
      '--model resnet8 --dropout 0.1',
      '--dropout cannot be given with resnet8: of its model (resnet) and task (classify) can be changed --width, --sync-norms, --subset.',
    ],
    ['--model resnet8 --width 0', '--width is "0"; it must be a whole number from 1 to'],
    ['--data zarr:a --days 60', '--days belongs to --data embedded'],
    ['--data ,', '--data is empty'],
    ['--data zarr:', '--data is "zarr:"; give the folder or the URL'],
    ['--data zarr:a --variables ,', '--variables is ","; it must be names separated by commas'],
    ['--data zarr:a --from 2016', '--from is "2016"; it must be a day, such as 2016-01-01'],
    ['--data zarr:a --to 2016-13-01', '--to is "2016-13-01"'],
    ['--data a.nc --region 0,10,20', '--region is "0,10,20"; it must be west,south,east,north in degrees'],
    ['--data a.nc --thin 3', '--thin is "3"; it must be points:N, means:N or steps:N'],
    ['--data a.nc --levels high', '--levels is "high"; it must be pressures in hPa'],
    ['--data synthetic --region 0,0,10,10', '--region belongs to --data FILE or zarr:STORE'],
    ['--variables t', '--variables belongs to --data FILE or zarr:STORE'],
    ['--preset era5 --variables t', '--variables cannot be given with this preset'],
    ['--data zarr:http://', '"http://" is no URL that can be read'],
    ['--data zarr:gs://bucket/a.zarr', 'is at https://storage.googleapis.com/NAME'],
    ['--preset huge', '--preset is "huge"; there are demo, tiny, regional'],
    ['--preset toString', '--preset is "toString"'],
    ['--mesh 2', '"2" is no mesh: write rows x columns'],
    ['--mesh 0x2', '"0x2" is no mesh'],
    ['--mesh 100x100', '10000 ranks, each with a worker of its own; give at most 64'],
    ['--replicas 0', '--replicas is "0"'],
    ['--batch 4 --replicas 3', 'A batch of 4 cannot be shared by 3 replicas: give --batch a multiple of 3'],
    [
      '--mesh 1x2 --batch 4 --micro-batches 3',
      '4 samples of a pass cannot be cut into 3 micro-batches: choose 1, 2 or 4.',
    ],
    ['--batch 6 --accumulate 4', '6 samples of a rank cannot be computed in 4 passes: choose 1, 2, 3 or 6.'],
    [
      '--batch 6 --replicas 2 --accumulate 2',
      '3 samples of a rank cannot be computed in 2 passes: choose 1 or 3.',
    ],
    [
      '--mesh 1x2 --batch 6 --accumulate 2 --micro-batches 2',
      '3 samples of a pass cannot be cut into 2 micro-batches: choose 1 or 3.',
    ],
    ['--accumulate 0', '--accumulate is "0"'],
    ['--accumulate 1.5', '--accumulate is "1.5"; it must be a whole number from 1'],
    ['--mesh 1x2 --micro-batches 0', '--micro-batches is "0"'],
    ['--mesh 1x2 --micro-batches 1.5', '--micro-batches is "1.5"; it must be a whole number from 1'],
    ['--mesh 1x2 --transport tcp', '--transport is "tcp"; there are local and webrtc'],
    ['--mesh 1x2 --overlap maybe', '--overlap is "maybe"; it is on or off'],
    ['--mesh 1x2 --wire f8', '--wire is "f8"; there are f32 and f16'],
    ['--wire f16', '--wire needs two ranks or more: give --mesh'],
    ['--mesh 1x2 --link 5', '--link is "5"'],
    ['--mesh 1x2 --link 5,0', '--link is "5,0"'],
    ['--mesh 1x2 --link 5,20,1', '--link is "5,20,1"'],
    ['--mesh 1x2 --link=-1,20', '--link is "-1,20"'],
    ['--mesh 1x2 --transport webrtc --link 5,20', 'it needs --transport local'],
    ['--transport webrtc', '--transport needs two ranks or more'],
    ['--micro-batches 2', '--micro-batches needs two ranks or more'],
    ['--overlap off', '--overlap needs two ranks or more'],
    ['--link 5,20', '--link needs two ranks or more'],
    ['--stps 3', '--stps'],
    ['more', 'more'],
  ])('%s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  test('an empty number or folder', () => {
    expect(() => parseTrainArguments(['--steps', ''])).toThrow('--steps is ""');
    expect(() => parseTrainArguments(['--out', ' '])).toThrow('--out is empty');
    expect(() => parseTrainArguments(['--trace', ' '])).toThrow('--trace is empty');
    expect(parse('--trace t.json --trace-detail layer')).toMatchObject({
      trace: 't.json',
      traceDetail: 'layer',
    });
    expect(() => parse('--trace t.json --trace-detail fine')).toThrow(
      '--trace-detail is "fine"; it must be kernel, layer or step.',
    );
    expect(() => parse('--trace-detail layer')).toThrow(
      '--trace-detail is of a trace: give --trace FILE, too.',
    );
  });
});

describe('energy', () => {
  test('is what the arguments say, and nothing where they say nothing', () => {
    expect(parse('')).not.toHaveProperty('energy');
    expect(parse('--gpu M4 --grid 56.5')).toMatchObject({
      energy: { gpu: { kind: 'row', name: 'M4' }, gramsPerKwh: 56.5, place: 'as given' },
    });
    expect(parse('--resume runs/x --watts 120 --grid norway --pue 1.1 --host-watts 0')).toMatchObject({
      energy: {
        gpu: { kind: 'watts', watts: 120 },
        gramsPerKwh: 30,
        place: 'Norway',
        pue: 1.1,
        hostWatts: 0,
      },
    });
  });

  test.each([
    ['--gpu Voodoo', 'No GPU named "Voodoo" in the table.'],
    ['--watts -5', 'The power at full load is -5 W; it must be a number from 0.1 to 20000.'],
    ['--watts=-5', 'The power at full load is -5 W; it must be a number from 0.1 to 20000.'],
    ['--watts much', '--watts much: it must be a number.'],
    ['--gpu M4 --watts 20', '--gpu and --watts cannot be given together'],
    ['--pue 0.2', 'A PUE of 0.2 cannot be'],
    ['--grid Atlantis', '--grid Atlantis: it must be grams of CO2 for a kWh, or one of World, Australia'],
    ['--grid=-3', '-3 g of CO2 a kWh cannot be'],
    ['--host-watts 1e9', 'The power of the rest of the machine is 1000000000 W'],
  ])('%s is refused', (line, message) => {
    expect(() => parse(line)).toThrow(message);
    expect(() => parse(line)).toThrow(UsageError);
  });
});
