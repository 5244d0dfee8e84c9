/** The plans of a run: a training step, in one pass or several, and a batch of forecasts. Same parameters, same layout. */

import { grad } from '../graph/grad.ts';
import { add, mul } from '../graph/ops/elementwise.ts';
import { gradientSoFar, inputTensor, isParameter, wordsTensor } from '../graph/ops/leaf.ts';
import { weightedMse } from '../graph/ops/loss.ts';
import { asPartOf } from '../graph/provenance.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Mesh, single } from '../mesh/mesh.ts';
import { shardingOf } from '../models/jigsaw.ts';
import { parameterScope } from '../models/parameters.ts';
import { axesOf, checkMesh } from '../models/sharded-config.ts';
import { weatherMixer } from '../models/weathermixer.ts';
import { ConfigError, type WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { compile } from '../plan/compile.ts';
import { withHalfWire } from '../plan/half-wire.ts';
import { layoutParameters, type ParameterLayout } from '../plan/layout.ts';
import { totalBytes } from '../plan/limits.ts';
import { type FormTable, lower } from '../plan/lower.ts';
import type { Machine } from '../plan/machine.ts';
import type { Placement, Plan, WirePrecision } from '../plan/plan.ts';
import { type OptimizerOptions, withOptimizer } from './optimizer.ts';
import { partsFault, type StepParts } from './parts.ts';
import { withReductions } from './reduction.ts';
import { lossSum, withLossSum } from './totals.ts';

export interface CompiledPlan {
  readonly plan: Plan;
  readonly layout: ParameterLayout;
}

export interface TrainingPlan extends CompiledPlan {
  /** The last pass of a step over its part of the batch, or the only one; then sums over copies and the update. */
  readonly plan: Plan;
  /** What the passes before that run, in the spaces of `plan`; undefined where there are none. */
  readonly earlierPass: Plan | undefined;
  /** What all passes of a step add to: to be cleared before the first. */
  readonly sums: readonly Placement[];
}

/** All that a rank runs, before its products are put in the forms that suit its device. */
export interface RankPlans {
  readonly training: TrainingPlan;
  /** By the samples of a forecast. */
  readonly forecasts: ReadonlyMap<number, Plan>;
}

/** How a training step is laid out; none of it changes what is computed, but for rounding. */
export interface StepOptions extends StepParts {
  /** The place of this rank; the whole model where absent. */
  readonly mesh?: Mesh;
  /** Hide exchanges behind work on a machine like this; without it every exchange is waited for at once. */
  readonly overlap?: Machine;
  /** Of activations, weights and their gradients, and of sums over replicas; small sums stay as they are. */
  readonly wire?: WirePrecision;
}

/** Name of the input of a micro-batch. */
export const inputName = (name: string, part: number, parts: number): string =>
  parts === 1 ? name : `${name}:${part}`;

/**
 * Graph of the loss of a pass: `input`, `target`, `weight` and, for data with gaps, `mask`. On a mesh all are the
 * rank's blocks. The loss is a share: the sum over all passes and ranks is the mean over the whole batch of all replicas.
 *
 * @param batch samples of this replica in a step
 */
export function lossGraph(
  config: WeatherMixerConfig,
  batch: number,
  masked: boolean,
  { mesh = single, accumulate = 1, microBatches = 1 }: StepOptions = {},
) {
  const { inputChannels, channels, localHeight } = axesOf(config, mesh);
  const { width } = config;
  const scope = parameterScope();
  const model = weatherMixer(scope, config, shardingOf(mesh));
  const random = wordsTensor('random', [4]);
  const weight = inputTensor('weight', [channels.block, localHeight, width]);
  const samples = batch / accumulate / microBatches;
  const count = batch * mesh.replicas * config.channels * config.height * width;
  const parts = Array.from({ length: microBatches }, (_, part) => {
    const input = (name: string, depth: number) =>
      inputTensor(inputName(name, part, microBatches), [samples, depth, localHeight, width]);
    const x = input('input', inputChannels.block);
    const target = input('target', channels.block);
    const firstSample = mesh.place.replica * batch + part * samples;
    const prediction = model(x, { random, firstSample });
    const weights = masked ? scope.layer('loss', () => mul(input('mask', channels.block), weight)) : weight;
    const loss = scope.layer('loss', () => weightedMse(prediction, target, weights, count));
    return { prediction, loss };
  });
  return {
    loss: scope.layer('loss', () => parts.map(part => part.loss).reduce(add)),
    prediction: parts[0].prediction,
    parameters: sortedForMesh(scope.parameters),
  };
}

/** Those that ranks hold copies of come last, all with the same holders together: their gradients are one message. */
function sortedForMesh(parameters: readonly Tensor[]): Tensor[] {
  const order = (tensor: Tensor) => {
    const copies = isParameter(tensor) ? tensor.attributes.copies : undefined;
    return [undefined, 'column', 'row'].indexOf(copies);
  };
  return [...parameters].sort((a, b) => order(a) - order(b));
}

/**
 * Inputs `input`, `target`, `weight`, `mask` (with `masked`), `random` (where there is dropout), each of a pass; outputs
 * `loss` and `squaredGradientNorm`, of the whole batch and mesh.
 *
 * @param batch samples of this replica in a step
 * @throws ConfigError where they cannot be cut as `options` say
 */
export function trainingPlan(
  config: WeatherMixerConfig,
  batch: number,
  optimizer: OptimizerOptions,
  masked: boolean,
  options: StepOptions = {},
): TrainingPlan {
  const { mesh = single, wire = 'f32', accumulate = 1 } = options;
  const fault = partsFault(batch, options);
  if (fault !== undefined) throw new ConfigError(fault);
  const { plan: gradients, layout } = gradientsPlan(config, batch, masked, options);
  const pass = accumulate > 1 ? withLossSum(gradients) : gradients;
  const onWire = (plan: Plan) => (wire === 'f16' ? withHalfWire(plan) : plan);
  const plan = withOptimizer(onWire(withReductions(pass, layout, mesh)), layout, optimizer, mesh);
  if (accumulate === 1) return { plan, layout, earlierPass: undefined, sums: [] };
  const gradientSum = { space: 'gradients', block: 0, offset: 0, bytes: 4 * layout.floats };
  return { plan, layout, earlierPass: onWire(pass), sums: [gradientSum, lossSum] };
}

/**
 * The plans of a rank: a training step, and forecasts of one sample and of as many as a pass has; more would take more
 * memory than training.
 *
 * @param batch samples of this replica in a step
 * @throws ConfigError
 */
export function rankPlans(
  config: WeatherMixerConfig,
  batch: number,
  optimizer: OptimizerOptions,
  masked: boolean,
  options: StepOptions = {},
): RankPlans {
  const { mesh = single, accumulate = 1 } = options;
  checkMesh(config, mesh, batch * mesh.replicas);
  const training = trainingPlan(config, batch, optimizer, masked, options);
  const sizes = [1, batch / accumulate];
  return { training, forecasts: new Map(sizes.map(size => [size, forecastPlan(config, size, mesh).plan])) };
}

/** Every plan whose products need a form. */
export const plansOf = ({ training: { plan, earlierPass }, forecasts }: RankPlans): Plan[] => [
  plan,
  ...(earlierPass ? [earlierPass] : []),
  ...forecasts.values(),
];

/** Both plans with their products in the forms of a table. */
export function lowered(training: TrainingPlan, forms: FormTable): TrainingPlan {
  const { plan, earlierPass } = training;
  return { ...training, plan: lower(plan, forms), earlierPass: earlierPass && lower(earlierPass, forms) };
}

/** What an overlapped step may hold more than one that waits for every exchange. */
const MORE_ARENA = 1 / 64;

/**
 * Loss and gradients of a rank in one pass, before anything is summed over copies or replicas: where there are several
 * passes, gradients are added to what is there.
 */
function gradientsPlan(
  config: WeatherMixerConfig,
  batch: number,
  masked: boolean,
  { overlap: machine, ...options }: StepOptions,
): CompiledPlan {
  const { accumulate = 1 } = options;
  const { loss, parameters } = lossGraph(config, batch, masked, options);
  const layout = layoutParameters(parameters);
  const gradients = new Map<Tensor, Tensor>();
  grad(loss, parameters).forEach((gradient, i) => {
    const parameter = parameters[i];
    const sum = () => add(gradientSoFar(parameter), gradient);
    gradients.set(parameter, accumulate > 1 ? asPartOf(gradient, sum) : gradient);
  });
  const request = { outputs: { loss }, layout, gradients };
  if (!machine) return { plan: compile(request), layout };
  const { plan: waiting } = gradientsPlan(config, batch, masked, { ...options, microBatches: 1 });
  const arenaBytes = (1 + MORE_ARENA) * totalBytes({ arena: waiting.spaces.arena });
  return { plan: compile({ ...request, overlap: { machine, arenaBytes } }), layout };
}

/** Input `input`; output `prediction`. No dropout. On a mesh both are the rank's blocks. */
export function forecastPlan(config: WeatherMixerConfig, batch: number, mesh: Mesh = single): CompiledPlan {
  const { inputChannels, localHeight } = axesOf(config, mesh);
  const scope = parameterScope();
  const x = inputTensor('input', [batch, inputChannels.block, localHeight, config.width]);
  const prediction = weatherMixer(scope, config, shardingOf(mesh))(x);
  const layout = layoutParameters(sortedForMesh(scope.parameters));
  return { plan: compile({ outputs: { prediction }, layout }), layout };
}

/** Layout of the parameters of the whole model: what checkpoints are written in. */
export function wholeLayout(config: WeatherMixerConfig): ParameterLayout {
  const scope = parameterScope();
  weatherMixer(scope, config);
  return layoutParameters(scope.parameters);
}
