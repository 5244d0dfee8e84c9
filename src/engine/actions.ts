/** What the device does for each step of a plan, with all buffers bound and all pipelines made before the first run. */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { usage } from '../gpu/usage.ts';
import { maxWorkgroupsPerDimension } from '../graph/op.ts';
import { BINDING_BYTES } from '../plan/align.ts';
import { TooLargeError } from '../plan/limits.ts';
import { type DispatchStep, isDispatch, type Plan } from '../plan/plan.ts';
import {
  type FinishAction,
  finishAction,
  type StartAction,
  stagingBuffers,
  startAction,
} from './exchange-actions.ts';
import { bindingOf, type Spaces } from './spaces.ts';

/** Every step's params lie where a buffer may be bound. */
const PARAMS_BYTES = BINDING_BYTES;

interface Dispatch {
  readonly kind: 'dispatch';
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

export type Action = Dispatch | StartAction | FinishAction;

/**
 * @returns the actions, and the buffers that were made for them
 * @throws TooLargeError where a dispatch is wider than WebGPU allows
 */
export async function actionsOf(
  { device }: Gpu,
  pipelines: PipelineCache,
  plan: Plan,
  spaces: Spaces,
): Promise<{ readonly actions: readonly Action[]; readonly buffers: readonly GPUBuffer[] }> {
  const dispatches = plan.steps.filter(isDispatch);
  dispatches.forEach(checkWorkgroups);
  // Before any buffer is made, which nobody would free where a shader is refused.
  const made = await Promise.all(dispatches.map(step => pipelines.get(step.shader, step.constants)));
  const params = device.createBuffer({
    label: 'kernel params',
    size: Math.max(1, dispatches.length) * PARAMS_BYTES,
    usage: usage.uniform,
  });
  device.queue.writeBuffer(params, 0, packParams(dispatches));
  // A buffer for each place: two writable operands of one dispatch may not share one, even if neither is used.
  const places = Math.max(0, ...dispatches.map(step => step.operands.length));
  const dummies = Array.from({ length: places }, () =>
    device.createBuffer({ label: 'unused operand', size: 16, usage: usage.storage }),
  );
  const stagings = stagingBuffers(device, plan);
  let index = -1;
  const actions = plan.steps.map((step): Action => {
    if (step.kind === 'start') return startAction(step, spaces, stagings.of(step));
    if (step.kind === 'finish') return finishAction(step, spaces);
    index++;
    return {
      kind: 'dispatch',
      pipeline: made[index],
      workgroups: step.workgroups,
      bindGroup: device.createBindGroup({
        label: step.label,
        layout: made[index].getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: { buffer: params, offset: index * PARAMS_BYTES, size: PARAMS_BYTES } },
          ...step.operands.map((placement, operand) => ({
            binding: operand + 1,
            resource: placement ? bindingOf(spaces, placement) : { buffer: dummies[operand] },
          })),
        ],
      }),
    };
  });
  return { actions, buffers: [params, ...dummies, ...stagings.buffers] };
}

/** Sets the pipeline where it is not the current one. @returns the one that is set now */
export function dispatch(
  pass: GPUComputePassEncoder,
  { pipeline, bindGroup, workgroups }: Dispatch,
  current: GPUComputePipeline | undefined,
): GPUComputePipeline {
  if (pipeline !== current) pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
  return pipeline;
}

/** WebGPU drops a dispatch that is too wide, and all that was submitted with it. @throws TooLargeError */
function checkWorkgroups({ label, workgroups }: DispatchStep): void {
  if (workgroups.every(count => count <= maxWorkgroupsPerDimension)) return;
  throw new TooLargeError(
    `${label} takes ${workgroups.join(' x ')} workgroups; ${maxWorkgroupsPerDimension} a dimension are allowed. ` +
      'Choose a smaller preset or batch.',
  );
}

function packParams(steps: readonly DispatchStep[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.max(1, steps.length) * (PARAMS_BYTES / 4));
  steps.forEach((step, index) => {
    if (step.params.length * 4 > PARAMS_BYTES) throw new Error(`${step.label}: too many kernel params`);
    words.set(step.params, index * (PARAMS_BYTES / 4));
  });
  return words;
}
