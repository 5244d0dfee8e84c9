/** A training step of ResNet-18 on images of 32 x 32 beside the same model in tfjs and jax-js. */
import type { Gpu } from '../src/gpu/device.ts';
import type { PipelineCache } from '../src/gpu/pipelines.ts';
import { resNets, smallStem } from '../src/models/resnet-config.ts';
import { isDispatch } from '../src/plan/plan.ts';
import { workOf } from '../src/plan/work.ts';
import { drawParameters } from '../src/train/initial-parameters.ts';
import { momentum } from '../src/train/optimizer-options.ts';
import type { Trainer } from '../src/train/trainer.ts';
import { medians } from './measure.ts';
import { jaxResNet } from './resnet-jax.ts';
import type { ResNetRunner, ResNetSetup, StepOutcome } from './resnet-setup.ts';
import { tfjsResNet } from './resnet-tfjs.ts';
import { imageBatch, resNetTrainer } from './resnet-trainer.ts';

export interface ResNetResult {
  /** Images of a step. */
  readonly batch: number;
  /** Milliseconds of a step by library: the median. */
  readonly ms: Readonly<Record<string, number>>;
  /** Of the steps taken, by library. */
  readonly outcomes: Readonly<Record<string, readonly StepOutcome[]>>;
  /** Largest relative difference of a loss or of a gradient's norm from ours. */
  readonly error: number;
  readonly gflop: number;
  readonly trainer: Trainer;
}

const REPETITIONS = 3;
/** Losses drift apart as rounding grows with the steps; another model would differ by far more. */
const TOLERANCE = 1e-3;
const LEARNING_RATE = 1e-3;
const [BATCH, SIZE] = [4, 32];

async function setUp(gpu: Gpu, pipelines: PipelineCache) {
  const network = { ...resNets[18], stem: smallStem, syncNorms: false };
  const { trainer, config } = await resNetTrainer(gpu, pipelines, network, BATCH, SIZE);
  const flat = drawParameters(trainer.layout, 1);
  for (const { name, offset, size } of trainer.layout.entries) {
    // Begun with 0, as the model is trained, blocks would have no gradient, and nothing to compare.
    if (name.endsWith('bn2.weight')) flat.fill(1, offset, offset + size);
  }
  await trainer.writeState({ parameters: flat }, 0);
  const { shape, image, label } = imageBatch(BATCH, SIZE);
  const setup: ResNetSetup = {
    config,
    learningRate: LEARNING_RATE,
    momentum: momentum.beta1,
    weightDecay: momentum.weightDecay,
    parameters: trainer.layout.entries.map(entry => ({
      name: entry.name,
      shape: entry.shape,
      decays: entry.attributes.decays,
      values: flat.slice(entry.offset, entry.offset + entry.size),
    })),
    image: { shape, values: image },
    labels: label,
  };
  return { trainer, setup };
}

function isobarResNet(trainer: Trainer, { image, labels, learningRate }: ResNetSetup): ResNetRunner {
  return {
    step: async () => {
      await trainer.trainStep({ image: image.values, label: labels }, learningRate, 0);
      const { losses, gradientNorms } = await trainer.losses.readSteps();
      return { loss: losses[losses.length - 1], gradientNorm: gradientNorms[gradientNorms.length - 1] };
    },
    close: () => {},
  };
}

/**
 * The trainer is left to the caller, who destroys it.
 * @throws Error where a library's losses or gradients differ from ours.
 */
export async function benchResNet(gpu: Gpu, pipelines: PipelineCache): Promise<ResNetResult> {
  const { trainer, setup } = await setUp(gpu, pipelines);
  const runners: Record<string, ResNetRunner> = {
    isobar: isobarResNet(trainer, setup),
    tfjs: tfjsResNet(setup),
    'jax-js': jaxResNet(setup),
  };
  const outcomes: Record<string, StepOutcome[]> = {};
  const works = Object.fromEntries(
    Object.entries(runners).map(([name, runner]) => {
      outcomes[name] = [];
      return [name, async () => outcomes[name].push(await runner.step())];
    }),
  );
  const ms = (await medians(works, REPETITIONS)) as Record<string, number>;
  for (const runner of Object.values(runners)) runner.close();
  const differences = Object.values(outcomes).flatMap(own =>
    own.flatMap(({ loss, gradientNorm }, i) => [
      Math.abs(loss / outcomes.isobar[i].loss - 1),
      Math.abs(gradientNorm / outcomes.isobar[i].gradientNorm - 1),
    ]),
  );
  const error = Math.max(...differences);
  if (!(error <= TOLERANCE)) throw new Error(`the steps differ: ${JSON.stringify(outcomes)}`);
  const gflop = workOf({ steps: trainer.plan.steps.filter(isDispatch) }).flops / 1e9;
  return { batch: BATCH, ms, outcomes, error, gflop, trainer };
}
