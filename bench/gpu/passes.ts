/** Kernels that pass over memory: their time, and the bytes that they must move at least, each value read or written once. */

import { allocateSpaces, destroySpaces } from '../../src/engine/spaces.ts';
import { type Kernel, updated, work } from '../../src/graph/op.ts';
import { permute } from '../../src/graph/ops/copy.ts';
import { add, affine, gelu } from '../../src/graph/ops/elementwise.ts';
import { inputTensor, parameterTensor } from '../../src/graph/ops/leaf.ts';
import { layerNorm } from '../../src/graph/ops/norm.ts';
import { sum } from '../../src/graph/ops/reduce.ts';
import { sizeOf, type Tensor } from '../../src/graph/tensor.ts';
import { compile } from '../../src/plan/compile.ts';
import { layoutParameters } from '../../src/plan/layout.ts';
import { checkLimits } from '../../src/plan/limits.ts';
import { isDispatch, type Plan, type PlanStep, planStep } from '../../src/plan/plan.ts';
import { hyperValues, withOptimizer } from '../../src/train/optimizer.ts';
import type { OptimizerOptions } from '../../src/train/optimizer-options.ts';
import type { SizeList } from './sizes.ts';
import { type Device, type Effort, type Timing, timePlan } from './timing.ts';

export interface Pass {
  /** Also the name of the same work in `torch_bench.py`. */
  readonly kind: 'scale' | 'add' | 'gelu' | 'transpose' | 'sum' | 'adam' | 'norm' | 'norm backward' | 'empty';
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly plan: Plan;
  /** What the plan reads beside arrays of any numbers, by space. */
  readonly settings?: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
}

/** Groups of the norms, as in every preset. */
const NORM_GROUPS = 2;

const adamw: OptimizerOptions = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.05,
  decayVectors: true,
  clipNorm: 1,
  rateScale: {},
  averageDecay: 0,
};

export function passesOf({ vector, norms }: SizeList): Pass[] {
  const rows = 2 ** Math.floor(Math.log2(vector) / 2);
  const matrix = [rows, vector / rows];
  const x = inputTensor('x', matrix);
  const simple = (kind: Pass['kind'], y: Tensor, floats: number): Pass => ({
    kind,
    shape: matrix,
    bytes: 4 * floats,
    plan: planOf({ y }),
  });
  return [
    simple('scale', affine(x, 2, 0), 2 * vector),
    simple('add', add(x, inputTensor('z', matrix)), 3 * vector),
    simple('gelu', gelu(x), 2 * vector),
    simple('transpose', permute(x, [1, 0]), 2 * vector),
    simple('sum', sum(x), vector),
    // Reads parameter, gradient and both moments, writes all but the gradient.
    { kind: 'adam', shape: [vector], bytes: 4 * 7 * vector, ...adamPass(vector) },
    ...norms.flatMap(([tokens, channels]) => normPasses(tokens, channels)),
  ];
}

/** Dispatches that do nothing, one after the other. */
export function emptyPass(dispatches: number): Pass {
  const plan = planOf({ y: affine(inputTensor('x', [64]), 1, 0) });
  const kernel: Kernel = {
    shader: 'empty',
    params: [0],
    operands: [updated],
    workgroups: [1, 1, 1],
    work: work('pointwise', 0, 0, 0),
  };
  const empty = planStep(kernel, [plan.outputs.get('y')!], plan.steps.filter(isDispatch)[0]);
  return {
    kind: 'empty',
    shape: [dispatches],
    bytes: 0,
    plan: { ...plan, steps: Array.from({ length: dispatches }, () => empty) },
  };
}

/** @throws TooLargeError where the adapter cannot hold it */
export async function benchPass(
  device: Device,
  { plan, settings = {} }: Pass,
  effort: Effort,
): Promise<Timing> {
  checkLimits(plan, device.gpu.limits);
  const spaces = await allocateSpaces(device.gpu, plan);
  try {
    for (const [space, values] of Object.entries(settings)) {
      device.gpu.device.queue.writeBuffer(spaces[space][0], 0, values);
    }
    return await timePlan(device, plan, spaces, effort);
  } finally {
    destroySpaces(spaces);
  }
}

const planOf = (outputs: Readonly<Record<string, Tensor>>): Plan =>
  compile({ outputs, layout: layoutParameters([]) });

function adamPass(floats: number): Pick<Pass, 'plan' | 'settings'> {
  const initializer = { centre: 0, bound: 1 };
  const parameter = parameterTensor({ name: 'p', shape: [floats], initializer, part: 'p', decays: true });
  const layout = layoutParameters([parameter]);
  const gradients = new Map([[parameter as Tensor, affine(parameter, 1, 0) as Tensor]]);
  const loss = sum(inputTensor('x', [64]));
  const plan = withOptimizer(compile({ outputs: { loss }, layout, gradients }), layout, adamw);
  return {
    plan: { ...plan, steps: plan.steps.filter(by('adam')) },
    settings: { hyper: hyperValues(layout, adamw, 1e-3, 1) },
  };
}

function normPasses(tokens: number, channels: number): Pass[] {
  const shape = [tokens, channels];
  const x = inputTensor('x', shape);
  const [weight, bias] = ['weight', 'bias'].map(name => inputTensor(name, [channels]));
  const y = layerNorm(x, weight, bias, { groups: NORM_GROUPS, segments: 1 });
  const gradients = y.op.vjp(y, inputTensor('dy', shape));
  const [dx, , dWeight, dBias] = gradients as readonly Tensor[];
  const backward = planOf({ dx, dWeight, dBias });
  // The statistics come from the forward pass.
  const steps = backward.steps.filter(step => !by('norm_statistics')(step));
  return [
    { kind: 'norm', shape, bytes: 4 * 2 * sizeOf(shape), plan: planOf({ y }) },
    { kind: 'norm backward', shape, bytes: 4 * 3 * sizeOf(shape), plan: { ...backward, steps } },
  ];
}

const by = (shader: string) => (step: PlanStep) => step.kind === 'dispatch' && step.shader === shader;
