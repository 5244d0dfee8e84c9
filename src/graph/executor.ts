/**
 * Runs a plan: all buffers, bind groups and pipelines are made once, and a run only encodes dispatches.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { formatBytes, TooLargeError, totalBytes } from './limits.ts';
import { maxWorkgroupsPerDimension } from './op.ts';
import type { Placement, Plan, PlanStep } from './plan.ts';

/** Buffers by space; spaces can be shared by several plans (the parameters, above all). */
export type Spaces = Record<string, GPUBuffer[]>;

const STORAGE = 0x80 | 0x08 | 0x04; // GPUBufferUsage.STORAGE | COPY_DST | COPY_SRC
const UNIFORM = 0x40 | 0x08; // GPUBufferUsage.UNIFORM | COPY_DST
/** Every step's params lie at a multiple of this, the largest alignment that WebGPU lets an adapter ask for. */
const PARAMS_BYTES = 256;

/**
 * Makes the buffers of `plan` that `shared` lacks.
 * @throws TooLargeError where the device runs out of memory.
 */
export async function allocateSpaces(gpu: Gpu, plan: Plan, shared: Spaces = {}): Promise<Spaces> {
  const { device } = gpu;
  device.pushErrorScope('out-of-memory');
  const made: GPUBuffer[] = [];
  const spaces = Object.fromEntries(
    Object.entries(plan.spaces).map(([space, buffers]) => [
      space,
      shared[space] ??
        buffers.map(({ bytes, label }) => {
          const size = Math.ceil(bytes / 16) * 16;
          const buffer = device.createBuffer({ label: `${space}: ${label}`, size, usage: STORAGE });
          made.push(buffer);
          return buffer;
        }),
    ]),
  );
  const error = await device.popErrorScope();
  if (error) {
    for (const buffer of made) buffer.destroy();
    throw new TooLargeError(
      `The graphics device ran out of memory while this run's ${formatBytes(totalBytes(plan.spaces))} were ` +
        `allocated (${error.message}). Choose a smaller preset or batch, or close other pages.`,
    );
  }
  return spaces;
}

export function destroySpaces(spaces: Spaces): void {
  for (const buffer of Object.values(spaces).flat()) buffer.destroy();
}

interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

export class Executor {
  readonly plan: Plan;
  readonly spaces: Spaces;
  readonly #dispatches: readonly Dispatch[];
  readonly #own: readonly GPUBuffer[];

  private constructor(
    plan: Plan,
    spaces: Spaces,
    dispatches: readonly Dispatch[],
    own: readonly GPUBuffer[],
  ) {
    this.plan = plan;
    this.spaces = spaces;
    this.#dispatches = dispatches;
    this.#own = own;
  }

  static async create(gpu: Gpu, pipelines: PipelineCache, plan: Plan, spaces: Spaces): Promise<Executor> {
    const { device } = gpu;
    plan.steps.forEach(checkWorkgroups);
    const params = device.createBuffer({
      label: 'kernel params',
      size: Math.max(1, plan.steps.length) * PARAMS_BYTES,
      usage: UNIFORM,
    });
    device.queue.writeBuffer(params, 0, packParams(plan.steps));
    // A buffer for each place: two writable operands of one dispatch may not share one, even if neither is used.
    const places = Math.max(0, ...plan.steps.map(step => step.operands.length));
    const dummies = Array.from({ length: places }, () =>
      device.createBuffer({ label: 'unused operand', size: 16, usage: STORAGE }),
    );
    const made = await Promise.all(plan.steps.map(step => pipelines.get(step.shader, step.constants)));
    const dispatches = plan.steps.map((step, index) => ({
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
    }));
    return new Executor(plan, spaces, dispatches, [params, ...dummies]);
  }

  /** Encodes every dispatch of the plan, in order, as one compute pass, which `descriptor` may time. */
  encode(encoder: GPUCommandEncoder, descriptor?: GPUComputePassDescriptor): void {
    const pass = encoder.beginComputePass(descriptor);
    let pipeline: GPUComputePipeline | undefined;
    for (const dispatch of this.#dispatches) {
      if (dispatch.pipeline !== pipeline) pass.setPipeline(dispatch.pipeline);
      pipeline = dispatch.pipeline;
      pass.setBindGroup(0, dispatch.bindGroup);
      pass.dispatchWorkgroups(...dispatch.workgroups);
    }
    pass.end();
  }

  /** Buffer and range of a named input or output. @throws Error where the plan has none of that name. */
  locate(name: string): { buffer: GPUBuffer; offset: number; bytes: number } {
    const placement = this.plan.inputs.get(name) ?? this.plan.outputs.get(name);
    if (!placement) throw new Error(`the plan has no input or output named ${name}`);
    const { space, block, offset, bytes } = placement;
    return { buffer: this.spaces[space][block], offset, bytes };
  }

  /** Frees what this executor made for itself; the spaces belong to whoever allocated them. */
  destroy(): void {
    for (const buffer of this.#own) buffer.destroy();
  }
}

/** WebGPU drops a dispatch that is too wide, and all that was submitted with it. @throws TooLargeError */
function checkWorkgroups({ label, workgroups }: PlanStep): void {
  if (workgroups.every(count => count <= maxWorkgroupsPerDimension)) return;
  throw new TooLargeError(
    `${label} takes ${workgroups.join(' x ')} workgroups; ${maxWorkgroupsPerDimension} a dimension are allowed. ` +
      'Choose a smaller preset or batch.',
  );
}

function bindingOf(spaces: Spaces, { space, block, offset, bytes }: Placement): GPUBufferBinding {
  return { buffer: spaces[space][block], offset, size: bytes };
}

function packParams(steps: readonly PlanStep[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.max(1, steps.length) * (PARAMS_BYTES / 4));
  steps.forEach((step, index) => {
    if (step.params.length * 4 > PARAMS_BYTES) throw new Error(`${step.label}: too many kernel params`);
    words.set(step.params, index * (PARAMS_BYTES / 4));
  });
  return words;
}
