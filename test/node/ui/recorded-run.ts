/** A recorded run of a small forecast, an event a second: nothing computed, all of it told. */
import type {
  RolloutSpec,
  RolloutView,
  RunEvent,
  RunInfo,
  Score,
  StepTrace,
} from '../../../src/session/api/api.ts';
import type { PageEvent } from '../../../src/ui/page-state.ts';
import { createRecorder } from '../../../src/ui/recording/recorder.ts';
import type { Recording } from '../../../src/ui/recording/recording.ts';

const [rows, columns, leads] = [4, 8, 2];
export const points = rows * columns;
const variables = ['u', 'u', 'geopotential', 't', 'q'];
const spec: RolloutSpec = {
  kind: 'rollout',
  name: 'forecast',
  label: 'Forecasts',
  channels: variables.map((variable, i) => ({
    ...{ name: `${variable}${i}`, longName: variable, units: i === 2 ? 'm2 s-2' : 'K', variable },
    levelHPa: 500,
  })),
  latitude: Float64Array.from({ length: rows }, (_, i) => 60 - 30 * i),
  longitude: Float64Array.from({ length: columns }, (_, i) => 45 * i),
  stepHours: 24,
  starts: 9,
};
/** Only what is checked of a recording. */
export const info = {
  ...{ step: 0, source: 'atmosphere', task: 'forecast', model: 'WeatherMixer', batch: 2, parameterCount: 9 },
  config: { preset: 'tiny', steps: 9000, seed: 1, data: { kind: 'files', files: [{ name: 'own.nc' }] } },
  adapter: { description: 'card', vendor: '', architecture: '', software: false },
  ...{ summary: '', facts: [], dataNotes: [], validationScores: [], ranks: [], synthetic: true },
  samples: { train: 8, validation: 1, test: 1 },
  memory: { parameters: 1, optimizer: 2, activations: 3, exchange: 0, total: 6 },
  ...{ forwardFlops: 1e6, dispatches: 5, bytesReadFromData: 0 },
  views: [spec],
} as unknown as RunInfo;

/** Value of a channel at a lead; every field ranges over 1000, from a height of its own. */
export const value = (channel: number, lead: number, point: number) =>
  20_000 * channel + 100 * lead + (1000 * ((point * 7 + lead) % points)) / points;

export function rollout(bias: number): RolloutView {
  const all = [...variables.keys()];
  const fields = (of: readonly number[], off: number) =>
    Float32Array.from(
      of.flatMap(lead => all.flatMap(c => Array.from({ length: points }, (_, p) => value(c, lead, p) + off))),
    );
  const errors = Float32Array.from({ length: leads * all.length }, (_, i) => i + bias);
  return {
    ...{ kind: 'rollout', startTime: 0, channels: all, leadHours: [24, 48] },
    start: fields([0], 0),
    truth: fields([1, 2], 0),
    forecast: fields([1, 2], bias),
    errors: { forecast: errors, persistence: errors, climatology: errors.map(() => Number.NaN) },
  };
}

export const metrics = (step: number, ...losses: number[]): RunEvent => ({
  ...{ type: 'metrics', step, losses, learningRates: losses, gradientNorms: losses, seconds: 1 },
  ...{ samplesPerSecond: 2, dataMs: 0, secondsLeft: 3, gpuBusySeconds: 0 },
});
export const trace = (step: number): StepTrace => ({
  ...{ plan: 'hash', rank: 0, step, resolution: 0.1 },
  spans: [{ lane: 'device', from: 0, to: 1, begun: step, ended: step + 0.5 }],
});
export const planSteps: Recording['plans'][string] = [
  {
    ...{ kind: 'finish', label: 'all', exchange: 0, group: 'row', receives: [] },
    provenance: { layer: 'blocks.0', phase: 'forward', op: 'allGather', shape: [2] },
  },
];

/** Of a place that nothing is known of. */
const score: Score = {
  ...{ metric: 'rmse', label: 'RMSE', units: 'K', better: 'lower', main: true, value: Number.NaN },
  baselines: [{ name: 'persistence', value: 3 }],
};

/** A run of so many steps, an event a second; another plan is known that no trace counts. */
export function recordedRun(steps: number): Recording {
  let now = 5000;
  const recorder = createRecorder(() => now);
  const tell = (event: PageEvent) => {
    recorder.event(event);
    now += 1000;
  };
  const field = {
    channel: spec.channels[0],
    ...{ latitude: spec.latitude, longitude: spec.longitude, day: 3 },
    values: Float32Array.from({ length: points }, (_, p) => p),
  };
  tell({ type: 'status', status: 'preparing' });
  for (let i = 0; i < 30; i++) tell({ type: 'progress', stage: 'spinning up', fraction: i / 30, field });
  tell({ type: 'prepared', info });
  recorder.answered('forecast', rollout(0));
  tell({ type: 'status', status: 'running' });
  for (let step = 1; step <= steps; step++) {
    tell(metrics(step, 1 / step));
    tell({ type: 'trace', origin: 0, traces: [trace(step)] });
    recorder.answered('forecast', rollout(step));
  }
  tell({ type: 'scores', step: steps, part: 'validation', scores: [score] });
  tell({ type: 'warning', message: 'own.nc has a gap' });
  // Nobody presses anything for an hour.
  now += 3_600_000;
  tell({ type: 'status', status: 'done' });
  const plans = new Map([
    ['hash', planSteps],
    ['other', planSteps],
  ]);
  const cards = [0, 1].map(rank => ({ rank, card: `m${rank}`, name: 'card of Ada', certain: false }));
  return recorder.recording({ now: 1e12, plans, cards, board: undefined })!;
}
