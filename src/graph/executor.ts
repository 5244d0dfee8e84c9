/**
 * Runs a plan: all buffers, bind groups and pipelines are made once, and a run only encodes dispatches, and carries
 * blocks between the device and the peers.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { exchangeClock } from './exchange-clock.ts';
import { formatBytes, TooLargeError, totalBytes } from './limits.ts';
import { assignBlocks } from './memory.ts';
import { maxWorkgroupsPerDimension } from './op.ts';
import {
  type DispatchStep,
  type FinishStep,
  isDispatch,
  type Placement,
  type Plan,
  type StartStep,
  type WirePrecision,
} from './plan.ts';

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
  readonly kind: 'dispatch';
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

interface Start {
  readonly kind: 'start';
  readonly exchange: number;
  readonly wire: WirePrecision;
  /** Blocks that go out, each once, and what of the staging buffer goes to whom. */
  readonly copies: readonly { readonly from: GPUBufferBinding; readonly at: number }[];
  readonly sends: readonly { readonly peer: number; readonly at: number; readonly bytes: number }[];
  readonly staging: GPUBuffer;
  readonly bytes: number;
}

interface Finish {
  readonly kind: 'finish';
  readonly exchange: number;
  readonly wire: WirePrecision;
  readonly receives: readonly { readonly peer: number; readonly to: GPUBufferBinding }[];
  readonly keep?: { readonly from: GPUBufferBinding; readonly to: GPUBufferBinding };
}

type Action = Dispatch | Start | Finish;

/** How the exchanges of a plan reach the peers. */
export interface Peers {
  /** Sends a block; the bytes are copied before this returns. @throws where it cannot, or must not, be sent */
  send(peer: number, exchange: number, bytes: Uint8Array<ArrayBuffer>, wire: WirePrecision): void;
  /**
   * The block that a peer sends in an exchange: `bytes` long.
   * @throws whatever makes it impossible, such as a peer that is gone.
   */
  receive(
    peer: number,
    exchange: number,
    bytes: number,
    wire: WirePrecision,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/** Where the time of one run of a plan with exchanges went, in milliseconds. */
export interface RunTimes {
  readonly wallMs: number;
  /** Time in which at least one exchange was under way, from the moment its blocks could be sent. */
  readonly exchangeMs: number;
  /** The part of it in which the device had nothing to do. */
  readonly exposedExchangeMs: number;
}

export class Executor {
  readonly plan: Plan;
  readonly spaces: Spaces;
  readonly #device: GPUDevice;
  readonly #actions: readonly Action[];
  readonly #own: readonly GPUBuffer[];

  private constructor(
    device: GPUDevice,
    plan: Plan,
    spaces: Spaces,
    actions: readonly Action[],
    own: readonly GPUBuffer[],
  ) {
    this.#device = device;
    this.plan = plan;
    this.spaces = spaces;
    this.#actions = actions;
    this.#own = own;
  }

  static async create(gpu: Gpu, pipelines: PipelineCache, plan: Plan, spaces: Spaces): Promise<Executor> {
    const { device } = gpu;
    const dispatches = plan.steps.filter(isDispatch);
    dispatches.forEach(checkWorkgroups);
    const params = device.createBuffer({
      label: 'kernel params',
      size: Math.max(1, dispatches.length) * PARAMS_BYTES,
      usage: UNIFORM,
    });
    device.queue.writeBuffer(params, 0, packParams(dispatches));
    // A buffer for each place: two writable operands of one dispatch may not share one, even if neither is used.
    const places = Math.max(0, ...dispatches.map(step => step.operands.length));
    const dummies = Array.from({ length: places }, () =>
      device.createBuffer({ label: 'unused operand', size: 16, usage: STORAGE }),
    );
    const made = await Promise.all(dispatches.map(step => pipelines.get(step.shader, step.constants)));
    const stagings = stagingBuffers(device, plan);
    let index = -1;
    const actions = plan.steps.map((step): Action => {
      if (step.kind === 'start') return startOf(step, spaces, stagings.of(step));
      if (step.kind === 'finish') return finishOf(step, spaces);
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
    return new Executor(device, plan, spaces, actions, [params, ...dummies, ...stagings.buffers]);
  }

  /**
   * Encodes every dispatch of a plan without exchanges, in order, as one compute pass, which `descriptor` may time.
   */
  encode(encoder: GPUCommandEncoder, descriptor?: GPUComputePassDescriptor): void {
    if (this.plan.exchanges > 0) throw new Error('a plan with exchanges cannot be encoded ahead: use run');
    const pass = encoder.beginComputePass(descriptor);
    let pipeline: GPUComputePipeline | undefined;
    for (const action of this.#actions) {
      if (action.kind === 'dispatch') pipeline = dispatch(pass, action, pipeline);
    }
    pass.end();
  }

  /**
   * Runs a plan with exchanges. Resolves when everything is submitted to the device, and what peers wait for is sent.
   * Work that does not need an exchange in flight is submitted before it is waited for.
   *
   * @throws what `peers` throws; the plan must not be run again then.
   */
  async run(peers: Peers): Promise<RunTimes> {
    const begun = performance.now();
    const { queue } = this.#device;
    const clock = exchangeClock();
    const sending = new Map<number, Promise<void>>();
    let encoder = this.#device.createCommandEncoder();
    let pass: GPUComputePassEncoder | undefined;
    let pipeline: GPUComputePipeline | undefined;
    const endPass = () => {
      pass?.end();
      pass = undefined;
      pipeline = undefined;
    };
    const submit = () => {
      endPass();
      queue.submit([encoder.finish()]);
      encoder = this.#device.createCommandEncoder();
    };
    for (const action of this.#actions) {
      if (action.kind === 'dispatch') {
        pass ??= encoder.beginComputePass();
        pipeline = dispatch(pass, action, pipeline);
      } else if (action.kind === 'start') {
        endPass();
        for (const { from, at } of action.copies) {
          encoder.copyBufferToBuffer(from.buffer, from.offset ?? 0, action.staging, at, from.size ?? 0);
        }
        submit();
        const sent = sendStaged(action, peers).then(() => clock.sent(action.exchange));
        // Awaited at its finish; a failure before that must not count as unhandled.
        sent.catch(() => undefined);
        sending.set(action.exchange, sent);
      } else {
        submit();
        const wait = clock.wait(action.exchange, queue);
        const arrivals = Promise.all(
          action.receives.map(({ peer, to }) =>
            peers.receive(peer, action.exchange, to.size ?? 0, action.wire),
          ),
        ).then(blocks => {
          clock.arrived(action.exchange);
          return blocks;
        });
        const [blocks] = await Promise.all([arrivals, sending.get(action.exchange)]);
        wait();
        blocks.forEach((block, i) => {
          const { buffer, offset } = action.receives[i].to;
          queue.writeBuffer(buffer, offset ?? 0, block);
        });
        if (action.keep) {
          const { from, to } = action.keep;
          encoder.copyBufferToBuffer(
            from.buffer,
            from.offset ?? 0,
            to.buffer,
            to.offset ?? 0,
            from.size ?? 0,
          );
        }
      }
    }
    submit();
    return { wallMs: performance.now() - begun, ...clock.totals() };
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

function dispatch(
  pass: GPUComputePassEncoder,
  { pipeline, bindGroup, workgroups }: Dispatch,
  current: GPUComputePipeline | undefined,
): GPUComputePipeline {
  if (pipeline !== current) pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
  return pipeline;
}

/** Maps what was staged, and sends it. */
async function sendStaged({ staging, sends, exchange, wire, bytes }: Start, peers: Peers): Promise<void> {
  await staging.mapAsync(1, 0, bytes); // GPUMapMode.READ
  const mapped = new Uint8Array(staging.getMappedRange(0, bytes));
  for (const { peer, at, bytes: length } of sends)
    peers.send(peer, exchange, mapped.subarray(at, at + length), wire);
  staging.unmap();
}

function startOf({ exchange, sends, wire = 'f32' }: StartStep, spaces: Spaces, staging: GPUBuffer): Start {
  const offsets = new Map<string, number>();
  const copies: { from: GPUBufferBinding; at: number }[] = [];
  let bytes = 0;
  const staged = sends.map(({ peer, at: placement }) => {
    const key = `${placement.space} ${placement.block} ${placement.offset}`;
    let at = offsets.get(key);
    if (at === undefined) {
      at = bytes;
      offsets.set(key, at);
      copies.push({ from: bindingOf(spaces, placement), at });
      bytes += placement.bytes;
    }
    return { peer, at, bytes: placement.bytes };
  });
  return { kind: 'start', exchange, wire, copies, sends: staged, staging, bytes };
}

function finishOf({ exchange, receives, keep, wire = 'f32' }: FinishStep, spaces: Spaces): Finish {
  return {
    kind: 'finish',
    exchange,
    wire,
    receives: receives.map(({ peer, at }) => ({ peer, to: bindingOf(spaces, at) })),
    ...(keep ? { keep: { from: bindingOf(spaces, keep.from), to: bindingOf(spaces, keep.to) } } : {}),
  };
}

/** Host-visible buffers for what goes out, shared by exchanges that are never in flight together. */
function stagingBuffers(device: GPUDevice, plan: Plan) {
  const starts = [...plan.steps.entries()].filter(
    (entry): entry is [number, StartStep] => entry[1].kind === 'start',
  );
  const ends = new Map(
    plan.steps.flatMap((step, index) => (step.kind === 'finish' ? [[step.exchange, index] as const] : [])),
  );
  const { block, blocks } = assignBlocks(
    starts.map(([first, step]) => ({
      bytes: stagedBytes(step),
      first,
      last: ends.get(step.exchange) ?? first,
    })),
    // A buffer that is mapped takes no copies.
    () => true,
  );
  const buffers = blocks.map(
    size => device.createBuffer({ label: 'outgoing blocks', size, usage: 0x01 | 0x08 }), // MAP_READ | COPY_DST
  );
  const numbers = new Map(starts.map(([, step], index) => [step, block[index]]));
  return { buffers, of: (step: StartStep) => buffers[numbers.get(step)!] };
}

function stagedBytes({ sends }: StartStep): number {
  const distinct = new Map(sends.map(({ at }) => [`${at.space} ${at.block} ${at.offset}`, at.bytes]));
  return [...distinct.values()].reduce((total, bytes) => total + bytes, 0);
}

/** WebGPU drops a dispatch that is too wide, and all that was submitted with it. @throws TooLargeError */
function checkWorkgroups({ label, workgroups }: DispatchStep): void {
  if (workgroups.every(count => count <= maxWorkgroupsPerDimension)) return;
  throw new TooLargeError(
    `${label} takes ${workgroups.join(' x ')} workgroups; ${maxWorkgroupsPerDimension} a dimension are allowed. ` +
      'Choose a smaller preset or batch.',
  );
}

function bindingOf(spaces: Spaces, { space, block, offset, bytes }: Placement): GPUBufferBinding {
  return { buffer: spaces[space][block], offset, size: bytes };
}

function packParams(steps: readonly DispatchStep[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.max(1, steps.length) * (PARAMS_BYTES / 4));
  steps.forEach((step, index) => {
    if (step.params.length * 4 > PARAMS_BYTES) throw new Error(`${step.label}: too many kernel params`);
    words.set(step.params, index * (PARAMS_BYTES / 4));
  });
  return words;
}
