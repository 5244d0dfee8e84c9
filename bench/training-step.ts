/** One whole training step of the demo (forward, backward, AdamW) beside the same model in tfjs and jax-js. */
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { inputChannelsOf, type WeatherMixerConfig } from '../src/models/weathermixer-config.ts';
import { drawParameters } from '../src/train/initial-parameters.ts';
import { Trainer } from '../src/train/trainer.ts';
import { forecastJob } from '../test/reference/jobs.ts';
import { forwardFlops } from '../test/reference/weathermixer-size.ts';
import { demoBatch, demoConfig, demoOptimizer } from './demo.ts';
import { medians, normalValues } from './measure.ts';
import type { StepRunner, StepSetup, Values } from './step-setup.ts';
import { jaxStep } from './weathermixer-jax.ts';
import { tfjsStep } from './weathermixer-tfjs.ts';

export interface StepResult {
  /** Milliseconds of a step by library. */
  readonly ms: Readonly<Record<string, number>>;
  /** Losses of the steps taken, by library. */
  readonly losses: Readonly<Record<string, readonly number[]>>;
  /** Largest relative difference of a loss from ours. */
  readonly lossError: number;
  /** Forward and backward work: three times the forward pass. */
  readonly gflop: number;
}

const REPETITIONS = 5;
/** Losses drift apart as rounding grows with the steps; another model would differ by far more. */
const TOLERANCE = 1e-3;
const LEARNING_RATE = 1e-3;

/** @throws Error where a library's losses differ from ours. */
export async function benchStep(gpu: Gpu, pipelines: PipelineCache): Promise<StepResult> {
  const { config, batch, optimizer } = { config: demoConfig, batch: demoBatch, optimizer: demoOptimizer };
  const options = { ...forecastJob(config), optimizer, batch, seed: 1 };
  const trainer = await Trainer.create(gpu, pipelines, options);
  const setup = setupFor(trainer, config);
  const runners: Record<string, StepRunner> = {
    isobar: isobarStep(trainer, setup),
    tfjs: tfjsStep(setup),
    'jax-js': jaxStep(setup),
  };
  const losses: Record<string, number[]> = {};
  const works = Object.fromEntries(
    Object.entries(runners).map(([name, runner]) => {
      losses[name] = [];
      return [name, async () => losses[name].push(await runner.step())];
    }),
  );
  const ms = (await medians(works, REPETITIONS)) as Record<string, number>;
  for (const runner of Object.values(runners)) runner.close();
  const differences = Object.values(losses).flatMap(own =>
    own.map((loss, i) => Math.abs(loss / losses.isobar[i] - 1)),
  );
  const lossError = Math.max(...differences);
  if (!(lossError <= TOLERANCE)) throw new Error(`the losses differ: ${JSON.stringify(losses)}`);
  return { ms, losses, lossError, gflop: (3 * batch * forwardFlops(config)) / 1e9 };
}

function setupFor({ layout, options }: Trainer, config: WeatherMixerConfig): StepSetup {
  const { optimizer, batch, seed } = options;
  const { channels, height, width } = config;
  const flat = drawParameters(layout, seed);
  const random = (shape: number[], at: number): Values => ({
    shape,
    values: normalValues(
      shape.reduce((product, length) => product * length, 1),
      at,
    ),
  });
  return {
    config,
    optimizer,
    learningRate: LEARNING_RATE,
    parameters: layout.entries.map(({ name, shape, offset, size, attributes }) => ({
      name,
      shape,
      decays: attributes.decays,
      values: flat.slice(offset, offset + size),
    })),
    input: random([batch, inputChannelsOf(config), height, width], 3),
    target: random([batch, channels, height, width], 4),
    weight: random([channels, height, width], 5),
  };
}

function isobarStep(trainer: Trainer, setup: StepSetup): StepRunner {
  trainer.setConstants({ weight: setup.weight.values });
  const batch = { input: setup.input.values, target: setup.target.values };
  return {
    step: async () => {
      await trainer.trainStep(batch, setup.learningRate, 0);
      const losses = await trainer.losses.read();
      return losses[losses.length - 1];
    },
    close: () => trainer.destroy(),
  };
}
