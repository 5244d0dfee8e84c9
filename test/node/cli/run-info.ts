/** For tests of what is kept and shown of a run. */

import type { MapSpec, RunInfo, RunResult, Score, ScoreHead } from '../../../src/session/api/api.ts';

export const channel = {
  name: 'z500',
  longName: 'geopotential <500 hPa>',
  units: 'm2 s-2',
  variable: 'geopotential',
};
const adapter = {
  vendor: 'v',
  architecture: 'a',
  description: '',
  features: [],
  maxStorageBufferBindingSize: 1,
  maxBufferSize: 1,
  software: true,
};
const data = { kind: 'embedded', days: 30, seed: 1 } as const;
const z500: Pick<ScoreHead, 'of' | 'at'> = {
  of: { name: 'z500', label: channel.longName },
  at: { axis: 'lead time', units: 'h', value: 24 },
};
const heads: readonly ScoreHead[] = [
  {
    ...z500,
    metric: 'rmse',
    label: 'RMSE',
    units: 'm2 s-2',
    better: 'lower',
    main: true,
    baselines: ['persistence', 'climatology'],
  },
  { ...z500, metric: 'acc', label: 'ACC', units: '1', better: 'higher', main: false, baselines: [] },
  {
    ...z500,
    metric: 'bias',
    label: 'Bias',
    units: 'm2 s-2',
    better: 'nearer-zero',
    main: false,
    baselines: [],
  },
];

/** A score of its only channel, of each metric. */
export const scores: readonly Score[] = heads.map(({ baselines, ...head }) => ({
  ...head,
  value: { rmse: 300, acc: 0.9, bias: 1 }[head.metric] ?? Number.NaN,
  baselines: baselines.map(name => ({ name, value: name === 'persistence' ? 600 : 900 })),
}));

/** What is scored of one thing, without distance: as images are told apart. */
export const accuracy: Score = {
  metric: 'accuracy',
  label: 'Accuracy',
  units: '%',
  better: 'higher',
  main: true,
  value: 91.25,
  baselines: [{ name: 'commonest class', value: 10 }],
};

/** The map of a run on a grid of 3 x 4 points. */
export const mapSpec: MapSpec = {
  kind: 'map',
  name: 'forecast',
  label: 'Forecast',
  channels: [channel],
  latitude: Float64Array.of(60, 0, -60),
  longitude: Float64Array.of(0, 90, 180, 270),
  stepHours: 24,
  starts: 1,
};

/** A small prepared run. */
export const runInfo: RunInfo = {
  config: { data, preset: 'tiny', steps: 2, seed: 1 },
  adapter,
  source: 'a source',
  synthetic: true,
  notice: 'This is a model atmosphere, not observations.',
  summary: '4 x 3 points.',
  samples: { train: 8, validation: 1, test: 1 },
  validationScores: heads,
  views: [mapSpec],
  task: 'forecast',
  frame: { task: 'forecast', inputs: [], outputs: [], sizes: {} },
  parameterCount: 10,
  forwardFlops: 1e6,
  model: 'WeatherMixer',
  modelConfig: { kind: 'weathermixer', config: {} },
  facts: [{ label: 'Tokens', value: '4' }],
  batch: 2,
  memory: {
    parameters: 0,
    gradients: 0,
    optimizer: 0,
    activations: 0,
    inputs: 0,
    exchange: 0,
    data: 0,
    total: 0,
  },
  dispatches: 5,
  step: 0,
  ranks: [],
  bytesReadFromData: 0,
  bytesReadToScore: 0,
  dataNotes: [],
};

/** What the small run comes to. */
export const runResult: RunResult = {
  model: 'WeatherMixer',
  preset: 'tiny',
  parameters: 10,
  steps: 2,
  lossFirst: 1,
  lossLast: 0.5,
  scores,
  samplesPerSecond: 5,
  dataMs: 0,
  gpuBusySeconds: 1,
  peakBytes: 1024,
  adapter,
  ranks: [],
  bytesReadFromData: 5 * 1024,
  bytesReadToScore: 0,
};
