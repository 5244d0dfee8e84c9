/** For tests of what is kept and shown of a run. */

import type { RunInfo } from '../../../src/session/api/api.ts';
import type { SkillRow } from '../../../src/tasks/forecast/skill.ts';

const channel = {
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
const latitude = Float64Array.of(60, 0, -60);
const longitude = Float64Array.of(0, 90, 180, 270);
const data = { kind: 'embedded', days: 30, seed: 1 } as const;
/** A small prepared run, on a grid of 3 x 4 points. */
export const runInfo: RunInfo = {
  config: { data, preset: 'tiny', steps: 2, seed: 1 },
  adapter,
  source: 'a source',
  synthetic: true,
  channels: [channel],
  latitude,
  longitude,
  stepHours: 24,
  samples: { train: 8, validation: 1, test: 1 },
  parameterCount: 10,
  forwardFlops: 1e6,
  model: 'WeatherMixer',
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

/** A score of its only channel. */
export const skillRow: SkillRow = {
  channel: 'z500',
  units: 'm2 s-2',
  leadHours: 24,
  rmse: 300,
  rmseCos: 300,
  bias: 1,
  acc: 0.9,
  persistence: 600,
  persistenceCos: 600,
  climatology: 900,
  climatologyCos: 900,
};
