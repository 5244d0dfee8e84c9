/** The plans of a run: a training step, in one pass or several, and a batch of forecasts. Same parameters, same layout. */

import { ancestors, grad } from '../graph/grad.ts';
import { isCollective } from '../graph/ops/collective.ts';
import { add } from '../graph/ops/elementwise.ts';
import { gradientSoFar, inputTensor, isParameter, wordsTensor } from '../graph/ops/leaf.ts';
import { asPartOf, inLayer } from '../graph/provenance.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Mesh, single } from '../mesh/mesh.ts';
import { checkMesh } from '../models/check-mesh.ts';
import { modelKind } from '../models/index.ts';
import { shardingOf, unsharded } from '../models/jigsaw.ts';
import {
  blockShape,
  ConfigError,
  type Frame,
  type InputSpec,
  type ModelConfig,
  type Tensors,
} from '../models/model.ts';
import { parameterScope } from '../models/parameters.ts';
import { compile } from '../plan/compile.ts';
import { withHalfWire } from '../plan/half-wire.ts';
import { layoutParameters, type ParameterLayout, STATE_SPACE } from '../plan/layout.ts';
import { totalBytes } from '../plan/limits.ts';
import { type FormTable, lower } from '../plan/lower.ts';
import type { Machine } from '../plan/machine.ts';
import type { Buffer, Placement, Plan, WirePrecision } from '../plan/plan.ts';
import { taskKind } from '../tasks/index.ts';
import { withOptimizer } from './optimizer.ts';
import type { OptimizerOptions } from './optimizer-options.ts';
import { partsFault, type StepParts } from './parts.ts';
import { withReductions } from './reduction.ts';
import { lossSum, withLossSum } from './totals.ts';

/** What is trained on what: all that a graph is built from. */
export interface Job {
  readonly model: ModelConfig;
  readonly frame: Frame;
}

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
  /** Activations are computed again in the backward pass instead of kept, which takes less memory and more time. */
  readonly recompute?: boolean;
  /** Hide exchanges behind work on a machine like this; without it every exchange is waited for at once. */
  readonly overlap?: Machine;
  /** Of activations, weights and their gradients, and of sums over replicas; small sums stay as they are. */
  readonly wire?: WirePrecision;
}

/** Name of the input of a micro-batch. */
export const inputName = (name: string, part: number, parts: number): string =>
  parts === 1 ? name : `${name}:${part}`;

/** The inputs of a frame as a rank has them: its blocks. */
export function localInputs({ model: { kind, config }, frame }: Job, mesh: Mesh): readonly InputSpec[] {
  const held = modelKind(kind).block(config, mesh, mesh.place);
  return frame.inputs.map(spec => ({
    ...spec,
    shape: blockShape(spec.shape, held[spec.like ?? spec.name]),
  }));
}

/** A rank's shard of the model, with its parameters. */
function shardOf({ kind, config }: ModelConfig, mesh: Mesh) {
  const scope = parameterScope();
  const apply = modelKind(kind).build(scope, config, shardingOf(mesh));
  const { states, assigned } = scope;
  return { apply, parameters: sortedForMesh(scope.parameters), states, assigned };
}

function tensorOf({ name, shape, dtype, per }: InputSpec, samples: number): Tensor {
  const whole = per === 'sample' ? [samples, ...shape] : shape;
  return dtype === 'u32' ? wordsTensor(name, whole) : inputTensor(name, whole);
}

const tensorsOf = (inputs: readonly InputSpec[], samples: number, named = (name: string) => name): Tensors =>
  Object.fromEntries(inputs.map(spec => [spec.name, tensorOf({ ...spec, name: named(spec.name) }, samples)]));

/**
 * Graph of the loss of a pass, with the frame's inputs; on a mesh all are the rank's blocks. The loss is a share: the sum
 * over all passes and ranks is the mean over the whole batch of all replicas.
 *
 * @param batch samples of this replica in a step
 */
export function lossGraph(
  job: Job,
  batch: number,
  { mesh = single, accumulate = 1, microBatches = 1 }: StepOptions = {},
) {
  const { model, frame } = job;
  const { apply, parameters, states, assigned } = shardOf(model, mesh);
  const inputs = localInputs(job, mesh);
  const random = wordsTensor('random', [4]);
  const samples = batch / accumulate / microBatches;
  const perSample = inputs.filter(({ per }) => per === 'sample');
  const constants = tensorsOf(
    inputs.filter(({ per }) => per === 'run'),
    samples,
  );
  const parts = Array.from({ length: microBatches }, (_, part) => {
    const own = tensorsOf(perSample, samples, name => inputName(name, part, microBatches));
    const firstSample = mesh.place.replica * batch + part * samples;
    const mode = { kind: 'train', random, firstSample } as const;
    const share = { samples: batch * mesh.replicas };
    return taskKind(frame.task).loss(apply, { ...constants, ...own }, mode, frame, share);
  });
  return {
    loss: inLayer('loss', () => parts.map(part => part.loss).reduce(add)),
    outputs: parts[0].outputs,
    parameters,
    states,
    assigned,
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
 * Inputs of the frame, and `random` (where the model draws), each of a pass; outputs `loss` and `squaredGradientNorm`, of the
 * whole batch and mesh.
 *
 * @param batch samples of this replica in a step
 * @throws ConfigError where they cannot be cut as `options` say
 */
export function trainingPlan(
  job: Job,
  batch: number,
  optimizer: OptimizerOptions,
  options: StepOptions = {},
): TrainingPlan {
  const { mesh = single, wire = 'f32', accumulate = 1 } = options;
  const fault = partsFault(batch, options);
  if (fault !== undefined) throw new ConfigError(fault);
  const { plan: gradients, layout } = gradientsPlan(job, batch, options);
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
  job: Job,
  batch: number,
  optimizer: OptimizerOptions,
  options: StepOptions = {},
): RankPlans {
  const { mesh = single, accumulate = 1 } = options;
  checkMesh(job.model, mesh, batch * mesh.replicas);
  const training = trainingPlan(job, batch, optimizer, options);
  const sizes = [1, batch / accumulate];
  return { training, forecasts: new Map(sizes.map(size => [size, forecastPlan(job, size, mesh).plan])) };
}

/** Every plan whose products need a form. */
export const plansOf = ({ training: { plan, earlierPass }, forecasts }: RankPlans): Plan[] => [
  plan,
  ...(earlierPass ? [earlierPass] : []),
  ...forecasts.values(),
];

/** Spaces of forecasts that are training's. */
const FORECAST_SHARES: readonly string[] = ['parameters', STATE_SPACE];

/** Buffers of training and forecasting together, by space: forecasts read the parameters and states that training has. */
export function allSpaces(training: Plan, forecasts: readonly Plan[]): Plan['spaces'] {
  const all: Record<string, readonly Buffer[]> = { ...training.spaces };
  for (const { spaces } of forecasts) {
    for (const [space, buffers] of Object.entries(spaces)) {
      if (!FORECAST_SHARES.includes(space)) all[space] = [...(all[space] ?? []), ...buffers];
    }
  }
  return all;
}

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
function gradientsPlan(job: Job, batch: number, { overlap: machine, ...options }: StepOptions): CompiledPlan {
  const { accumulate = 1, mesh = single, recompute } = options;
  const { loss, parameters, states, assigned } = lossGraph(job, batch, options);
  const layout = layoutParameters(parameters, states);
  const gradients = new Map<Tensor, Tensor>();
  grad(loss, parameters, { recompute }).forEach((gradient, i) => {
    const parameter = parameters[i];
    const sum = () => add(gradientSoFar(parameter), gradient);
    gradients.set(parameter, accumulate > 1 ? asPartOf(gradient, sum) : gradient);
  });
  const request = { outputs: { loss }, layout, gradients, state: layout.states, assigned };
  // Where nothing travels but gradients over replicas, the order that needs little memory has them early.
  const onlyGradients = mesh.replicas > 1 && !ancestors(loss).some(isCollective);
  if (!machine || onlyGradients) return { plan: compile(request), layout };
  const { plan: waiting } = gradientsPlan(job, batch, { ...options, microBatches: 1 });
  const arenaBytes = (1 + MORE_ARENA) * totalBytes({ arena: waiting.spaces.arena });
  return { plan: compile({ ...request, overlap: { machine, arenaBytes } }), layout };
}

/** Inputs and outputs of the model in evaluation, of the frame. On a mesh all are the rank's blocks. */
export function forecastPlan(job: Job, batch: number, mesh: Mesh = single): CompiledPlan {
  const { apply, parameters, states } = shardOf(job.model, mesh);
  const inputs = localInputs(job, mesh).filter(spec => spec.for === 'model');
  const outputs = apply(tensorsOf(inputs, batch), { kind: 'evaluate' });
  const layout = layoutParameters(parameters, states);
  return { plan: compile({ outputs, layout, state: layout.states }), layout };
}

/** Layout of the parameters of the whole model: what checkpoints are written in. */
export function wholeLayout({ kind, config }: ModelConfig): ParameterLayout {
  const scope = parameterScope();
  modelKind(kind).build(scope, config, unsharded);
  return layoutParameters(scope.parameters, scope.states);
}

/** Layout of the parameters that a rank holds, in its plans as in what it keeps. */
export function shardLayout(model: ModelConfig, mesh: Mesh): ParameterLayout {
  const { parameters, states } = shardOf(model, mesh);
  return layoutParameters(parameters, states);
}
