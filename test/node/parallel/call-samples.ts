/** What ranks say in every call, and answer where they are asked: of a small task, model and checkpoint. */
import type { Program, RankTimes } from '../../../src/parallel/program.ts';
import type { CallAnswer, CallArguments, CallName } from '../../../src/parallel/rank-calls.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import type { StepTrace } from '../../../src/plan/trace.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { mergeMoments, momentsOf } from '../../../src/tasks/forecast/slice-moments.ts';
import { frameOf, sliceTask } from '../../../src/tasks/forecast/slice-task.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';
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
const { optimizer, schedule } = presets.demo;
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
export const order = { data: 5, box };
const measured = { part, climatology, bytesRead: 100 };
export const times: RankTimes = {
  steps: 3,
  bytesSent: 4000,
  messagesSent: 12,
  wallMs: 30.5,
  dataMs: 0,
  exchangeMs: 20,
  exposedExchangeMs: 1.25,
};

export const trace: StepTrace = {
  plan: '0123456789abcdef',
  rank: 1,
  step: 7,
  resolution: 0.1,
  uncertainty: 0.2,
  spans: [{ lane: 'link', peer: 0, from: 3, to: 9, begun: 1, ended: 2.5, exposed: true }],
};

/** What is said in every call, and answered where it is asked. */
export const samples: {
  readonly [Name in CallName]: readonly (readonly [CallArguments<Name>, CallAnswer<Name>])[];
} = {
  measure: [
    [[{ ...order, choice: { kind: 'files' }, options }], measured],
    [
      [{ ...order, choice: { kind: 'files', files: [{ url: 'https://host/a.nc' }] }, options }],
      { unreadable: 'The server does not have it.' },
    ],
    [
      [{ ...order, choice: { kind: 'zarr', selection: { variables: ['a'], from: '2001-01-01' } }, options }],
      { ...measured, unreadable: 'not here' },
    ],
    [
      [
        {
          ...order,
          choice: { kind: 'synthetic', like: 'weatherbench2', height: 32, width: 64, steps: 40, seed: 1 },
          options,
        },
      ],
      measured,
    ],
    [
      [
        {
          ...order,
          choice: { kind: 'zarr', selection: {}, source: { kind: 'url', url: 'http://host/a.zarr' } },
          options: presets.era5.task,
        },
      ],
      measured,
    ],
  ],
  prepare: [
    [
      [{ program, shard }],
      { bytes: { arena: 400 }, dataBytes: 50, forms: { usual: 'direct', measured: [] } },
    ],
    [
      [{ program: { ...program, forms }, given: { order, measured, shared, shard } }],
      { bytes: {}, dataBytes: 0, forms: { usual: 'tiles', measured: forms['a GPU'] } },
    ],
    [
      [{ program: { ...program, overlap: undefined, wire: undefined }, shared }],
      { bytes: {}, dataBytes: 0, forms: { usual: 'lanes', measured: [] } },
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
