/** What ranks say in every call, and answer where they are asked: of a small task, model and checkpoint. */
import { resNets, smallStem } from '../../../src/models/resnet-config.ts';
import { resNetKind } from '../../../src/models/resnet-kind.ts';
import type { Program, RankTimes } from '../../../src/parallel/program.ts';
import type {
  CallAnswer,
  CallArguments,
  CallName,
  MeasureCommand,
  Measured,
  PrepareCommand,
} from '../../../src/parallel/rank-calls.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import type { StepTrace } from '../../../src/plan/trace.ts';
import { forecastPresets } from '../../../src/session/api/presets.ts';
import { classifyFrame } from '../../../src/tasks/classify/frame.ts';
import type { ClassifyOptions } from '../../../src/tasks/classify/options.ts';
import type { PixelShard } from '../../../src/tasks/classify/shard.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { mergeMoments, momentsOf } from '../../../src/tasks/forecast/slice-moments.ts';
import { frameOf, sliceTask } from '../../../src/tasks/forecast/slice-task.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';
import type { ReadAnswer, ReadOrder, ShardCommand } from '../../../src/tasks/forecast/types.ts';
import type { FormsByAdapter } from '../../../src/train/measured-forms.ts';
import { freshPlateau } from '../../../src/train/schedule.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { makeDataset } from '../data/fixtures.ts';
import { oddModels } from '../models/odd-models.ts';
import { infoOf, shardsOf } from './shards.ts';

export const options: TaskOptions = {
  inputSteps: 2,
  leadSteps: 1,
  patch: [2, 2],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'anomaly',
  harmonics: 0,
  seasonInputs: true,
  variableWeights: { a: 2 },
};
const dataset = makeDataset({
  steps: 20,
  channels: ['a', 'b'],
  latitude: [10, 0],
  statics: [[0, 1, 2, 3, 4, 5]],
  value: (t, c, y, x) => (t === 3 && c === 0 && x === 0 ? Number.NaN : Math.sin(t + c + y + x)),
});
const task = makeTask(dataset, options);
// Inputs: 2 steps of 2 channels, a static field, 2 of season.
const box = { inputChannels: [1, 3, 4, 5, -1], outputChannels: [1, -1], rowFrom: 0, rowTo: 2 };
export const shard = sliceTask(task, box);
const frame = frameOf(task);
export const { part, climatology } = momentsOf(frame, { ...box, outputChannels: [0, 1] }, dataset);
export const shared = mergeMoments(frame, [part]);
const { optimizer, schedule } = forecastPresets.demo;
export const program: Program = {
  run: 7,
  ...forecastJob(oddModels['concat and blend'], true),
  optimizer,
  schedule,
  steps: 100,
  seed: 3,
  mesh: { rows: 1, columns: 2, replicas: 1 },
  copyTo: [1, 0],
  globalBatch: 2,
  accumulate: 1,
  microBatches: 1,
  overlap: typicalMachine,
  wire: 'f16',
};
export const forms: FormsByAdapter = {
  'a GPU': [
    [
      '64x64x256 tn batch 1 summed 1',
      {
        shader: 'matmul',
        constants: { TRANSPOSE_A: 1, TRANSPOSE_B: 0 },
        tile: [64, 64],
        depth: 16,
        splits: 2,
      },
    ],
  ],
};
export const label = { info: infoOf(4), config: { preset: 'tiny' } };
export const [copy] = shardsOf(program.mesh, 4);
export const { state, ...heading } = copy;
export const order = { memory: 2 ** 30, data: 5, box };
const measured = { part, climatology, bytesRead: 100 };
export const times: RankTimes = {
  steps: 3,
  bytesSent: 4000,
  messagesSent: 12,
  wallMs: 30.5,
  dataMs: 0,
  exchangeMs: 20,
  exposedExchangeMs: 1.25,
  bytesRead: 700,
};

export const trace: StepTrace = {
  plan: '0123456789abcdef',
  rank: 1,
  step: 7,
  resolution: 0.1,
  uncertainty: 0.2,
  spans: [{ lane: 'link', peer: 0, from: 3, to: 9, begun: 1, ended: 2.5, exposed: true }],
};

const asked = (choice: ReadOrder['choice'], own: ReadOrder['options'] = options): MeasureCommand => {
  const read: ReadOrder = { ...order, choice, options: own };
  return { task: 'forecast', order: read };
};
const told = (answer: ReadAnswer): Measured => ({ task: 'forecast', answer });
const withCommand = (of: Program, command: ShardCommand): PrepareCommand => ({
  task: 'forecast',
  program: of,
  command,
});

/** What of them is told. */
const { scoredStarts, scoredSteps, ...era5Options } = forecastPresets.era5.task.options;

const imageOptions: ClassifyOptions = {
  validation: 0.1,
  augmentation: 'shift',
  labelSmoothing: 0.1,
  scoredImages: 10,
  imageSize: 32,
};
export const imageShard: PixelShard = {
  format: { channels: 1, height: 2, width: 3 },
  moments: { mean: [0.5], deviation: [0.2] },
  augmentation: 'none',
  pixels: Uint8Array.from({ length: 12 }, (_, i) => i),
  labels: Uint32Array.of(0, 1),
};
const imageFrame = classifyFrame({ channels: 1, height: 2, width: 3, classes: 2 });
export const imageProgram: Program = {
  ...program,
  model: {
    kind: 'resnet',
    config: resNetKind.fit({ ...resNets[18], stem: smallStem }, imageFrame),
  },
  frame: imageFrame,
};

/** What is said in every call, and answered where it is asked. */
export const samples: {
  readonly [Name in CallName]: readonly (readonly [CallArguments<Name>, CallAnswer<Name>])[];
} = {
  measure: [
    [[asked({ kind: 'files' })], told(measured)],
    [
      [asked({ kind: 'files', files: [{ url: 'https://host/a.nc' }] })],
      told({ unreadable: 'The server does not have it.' }),
    ],
    [
      [
        asked({
          kind: 'zarr',
          selection: {
            variables: ['a'],
            levels: [850],
            region: { west: -20, south: 30, east: 40, north: 70 },
            from: '2001-01-01',
            thin: { means: 2, steps: 3 },
          },
        }),
      ],
      told({ ...measured, unreadable: 'not here' }),
    ],
    [
      [asked({ kind: 'synthetic', like: 'weatherbench2', height: 32, width: 64, steps: 40, seed: 1 })],
      told(measured),
    ],
    [
      [
        asked(
          { kind: 'zarr', selection: {}, source: { kind: 'url', url: 'http://host/a.zarr' } },
          era5Options,
        ),
      ],
      told(measured),
    ],
    [
      [{ task: 'classify', order: { choice: { kind: 'images' }, options: imageOptions } }],
      { task: 'classify', answer: { images: 100, classes: ['cat', 'dog'] } },
    ],
    [
      [
        {
          task: 'classify',
          order: {
            choice: {
              kind: 'images',
              place: { kind: 'url', url: 'https://host/images', paths: ['a/1.png'] },
            },
            options: imageOptions,
          },
        },
      ],
      { task: 'classify', answer: { unreadable: 'the server does not have it' } },
    ],
  ],
  prepare: [
    [
      [withCommand(program, { shard })],
      { bytes: { arena: 400 }, dataBytes: 50, forms: { usual: 'direct', measured: [] } },
    ],
    [
      [withCommand({ ...program, forms }, { given: { order, measured, shared, shard } })],
      { bytes: {}, dataBytes: 0, forms: { usual: 'tiles', measured: forms['a GPU'] } },
    ],
    [
      [withCommand({ ...program, overlap: undefined, wire: undefined }, { shared })],
      { bytes: {}, dataBytes: 0, forms: { usual: 'lanes', measured: [] } },
    ],
    [
      [{ task: 'classify', program: imageProgram, command: { shard: imageShard } }],
      { bytes: {}, dataBytes: 0, forms: { usual: 'tiles', measured: [] } },
    ],
    [
      [
        {
          task: 'classify',
          program: imageProgram,
          command: { moments: imageShard.moments, train: Int32Array.of(0, 2) },
        },
      ],
      { bytes: {}, dataBytes: 0, forms: { usual: 'tiles', measured: [] } },
    ],
  ],
  tune: [
    [[{ ...program, forms }], { adapter: 'a GPU', forms: forms['a GPU'], warnings: ['its disk is full'] }],
    [[program], null],
  ],
  reset: [[[9], undefined]],
  predict: [[[{ input: Float32Array.of(1, 2), batch: 2 }], Float32Array.of(3)]],
  readState: [
    [[label], state],
    [[null], state],
  ],
  writeState: [[[{ state, step: 12 }], undefined]],
  look: [
    [
      [{ step: 3, seed: 9, looks: [{ step: 40, operand: 1, from: 0, rows: 2, columns: 1 }] }],
      [{ rows: 2, columns: 1, values: Float32Array.of(1, Number.NaN) }],
    ],
    [[{ step: 3, seed: 9, looks: [] }], []],
  ],
  rehearse: [
    [[{ step: 3, seed: 9 }], [trace]],
    [[{ step: 3, seed: 9 }], []],
  ],
  copies: [[[], [heading]]],
  readCopy: [
    [[heading], copy],
    [[heading], null],
  ],
  train: [[[{ seed: 3, plateau: freshPlateau }], undefined]],
  times: [[[times], undefined]],
  warning: [[['its disk is full'], undefined]],
  traces: [[[[trace]], undefined]],
  keepCopy: [[[copy], undefined]],
};

export const names = Object.keys(samples) as CallName[];
