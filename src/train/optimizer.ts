/**
 * Optimizers as steps of the plan. Parameters, gradients and moments share one flat layout, so an update is one
 * dispatch; what changes from step to step (learning rates, bias corrections) is a small buffer that the host
 * writes before each step.
 */

import {
  type BoundOperand,
  input,
  type Kernel,
  lineOfWorkgroups,
  unused,
  type Work,
  work,
} from '../graph/op.ts';
import { type Mesh, single } from '../mesh/mesh.ts';
import type { ParameterLayout } from '../plan/layout.ts';
import { type Buffer, type Placement, type Plan, planStep } from '../plan/plan.ts';
import type { OptimizerOptions } from './optimizer-options.ts';
import { totalsOf, totalsSpaces } from './totals.ts';

/** Floats per group in the `hyper` buffer: see `shaders/adam.wgsl`. */
export const HYPER_FLOATS = 12;

/** As the shader tells them apart. */
function kindCode({ kind, nesterov }: OptimizerOptions): number {
  if (kind === 'sgd') return nesterov ? 3 : 2;
  return kind === 'adamw' ? 1 : 0;
}

/**
 * Appends clipping and the parameter update to a plan that computes all gradients. On a mesh the norm is that of the
 * whole model's gradient, and the plan's `loss` becomes that of all ranks.
 */
export function withOptimizer(
  plan: Plan,
  layout: ParameterLayout,
  options: OptimizerOptions,
  mesh: Mesh = single,
): Plan {
  const flatBytes = 4 * layout.floats;
  const state = (label: string): Buffer => ({ bytes: flatBytes, label });
  const averaged = options.averageDecay > 0;
  const spaces: Record<string, readonly Buffer[]> = {
    ...plan.spaces,
    moment1: [state('first moments')],
    ...(options.kind === 'sgd' ? {} : { moment2: [state('second moments')] }),
    ...(averaged ? { average: [state('averaged parameters')] } : {}),
    hyper: [{ bytes: 4 * HYPER_FLOATS * layout.groups.length, label: 'optimizer settings' }],
    ...totalsSpaces(layout, mesh),
  };
  const whole = (space: string, block = 0): Placement => ({
    space,
    block,
    offset: 0,
    bytes: spaces[space][block].bytes,
  });
  const totals = totalsOf(plan, layout, mesh);
  const kernel: Kernel = {
    shader: 'adam',
    constants: { KIND: kindCode(options), AVERAGE: averaged ? 1 : 0 },
    params: [layout.floats / 4],
    workgroups: lineOfWorkgroups(layout.floats / 4, 64),
    operands: [
      changed(0),
      input(1),
      changed(2),
      options.kind === 'sgd' ? unused : changed(3),
      averaged ? changed(4) : unused,
      input(5),
      input(6),
    ],
    work: updateWork(options, layout),
  };
  const update = planStep(
    kernel,
    [
      whole('parameters'),
      whole('gradients'),
      whole('moment1'),
      options.kind === 'sgd' ? null : whole('moment2'),
      averaged ? whole('average') : null,
      whole('hyper'),
      totals.squaredNorm,
    ],
    {
      label: options.kind,
      provenance: { layer: 'parameters', phase: 'update', op: options.kind, shape: [layout.floats] },
    },
  );
  return {
    ...plan,
    spaces,
    steps: [...plan.steps, ...totals.steps, update],
    outputs: new Map([...plan.outputs, ['loss', totals.loss], ['squaredGradientNorm', totals.squaredNorm]]),
    exchanges: plan.exchanges + totals.exchanges,
  };
}

/** Parameters and what the optimizer remembers change where they lie. */
const changed = (index: number): BoundOperand => ({ kind: 'input', index, access: 'update' });

/** See `shaders/adam.wgsl`. */
function updateWork(
  { kind, nesterov, clipNorm, averageDecay }: OptimizerOptions,
  layout: ParameterLayout,
): Work {
  const { floats: size, groups } = layout;
  const clips = clipNorm > 0;
  const averaged = averageDecay > 0;
  // Decay 2; with moments of two kinds 3 and 4, then 7 for the step, else 2 and 2, or 4 by Nesterov; the average 3.
  const each = 2 + (kind === 'sgd' ? (nesterov ? 6 : 4) : 14) + (clips ? 1 : 0) + (averaged ? 3 : 0);
  // Not of every value but once a group: the factor of clipping, AdamW's rate times decay, what the average leaves.
  const once = (clips ? 4 : 0) + (kind === 'adamw' ? 1 : 0) + (averaged ? 1 : 0);
  const kept = 1 + (kind === 'sgd' ? 1 : 2) + (averaged ? 1 : 0);
  // The settings of the groups, and the norm.
  const settings = HYPER_FLOATS * groups.length + (clips ? 1 : 0);
  return work('pointwise', each * size + once * groups.length, (kept + 1) * size + settings, kept * size);
}

/** The `hyper` buffer for one step. `step` counts from 1. */
export function hyperValues(
  layout: ParameterLayout,
  options: OptimizerOptions,
  learningRate: number,
  step: number,
): Float32Array<ArrayBuffer> {
  const { beta1, beta2, epsilon, weightDecay, decayVectors, clipNorm, rateScale, averageDecay } = options;
  const values = new Float32Array(HYPER_FLOATS * layout.groups.length);
  const words = new Uint32Array(values.buffer);
  // A young average follows faster, so that it does not carry the initial values along.
  const decay = Math.min(averageDecay, step / (10 + step));
  layout.groups.forEach(({ part, decays, offset, size }, index) => {
    values.set(
      [
        learningRate * (rateScale[part] ?? 1),
        decays || decayVectors ? weightDecay : 0,
        beta1,
        beta2,
        epsilon,
        1 / (1 - beta1 ** step),
        1 / (1 - beta2 ** step),
        clipNorm,
        decay,
        1 - beta1,
        1 - beta2,
      ],
      index * HYPER_FLOATS,
    );
    words[(index + 1) * HYPER_FLOATS - 1] = (offset + size) / 4;
  });
  return values;
}
