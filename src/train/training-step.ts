/**
 * One training step on the device: the batch is uploaded and computed in one pass or several, each of which adds to the
 * gradients, the last goes on to the update, and the loss is put down. On a mesh all passes are one round of the links.
 */

import { Captures } from '../engine/captures.ts';
import { Executor, type RunTimes } from '../engine/executor.ts';
import type { Spaces } from '../engine/spaces.ts';
import { TraceBuffer, type TraceStamp } from '../engine/trace-buffer.ts';
import { writeInput } from '../engine/transfer.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { usage } from '../gpu/usage.ts';
import { STATE_SPACE } from '../plan/layout.ts';
import { type Look, type Looked, stepsBeforeUpdate } from '../plan/look.ts';
import { isDispatch, type Placement, type Plan } from '../plan/plan.ts';
import type { StepTrace, TraceDetail } from '../plan/trace.ts';
import type { Batch } from '../tasks/task.ts';
import { LossLog } from './loss-log.ts';
import type { MeshPeers } from './model-trainer.ts';
import type { StepParts } from './parts.ts';
import { inputName, type Job, type TrainingPlan } from './plans.ts';

/** What a step is run with. */
export interface StepRequest {
  readonly batch: Batch;
  /** From 1; with `seed` it gives the dropout masks. */
  readonly step: number;
  readonly seed: number;
  /** See `hyperValues`. */
  readonly hyper: Float32Array<ArrayBuffer>;
  /** Flags of its blocks, on a mesh. */
  readonly flags: number;
  /** A step that leaves a trace: when its batch was asked for, and when it was there. */
  readonly sample?: { readonly asked: number; readonly taken: number };
}

/** A step that ends before its update. */
type HeldRequest = Omit<StepRequest, 'hyper' | 'flags'>;

export class TrainingStep {
  /** Of every step that was run. */
  readonly losses: LossLog;
  /** Steps submitted to the device: what a copy of its buffers that is submitted now would be of. */
  step = 0;
  readonly #device: GPUDevice;
  /** By pass; those before the last are one and the same. */
  readonly #passes: readonly Executor[];
  readonly #sums: readonly Placement[];
  readonly #microBatches: number;
  /** Samples of a pass. */
  readonly #samples: number;
  /** Names of the inputs that every batch has. */
  readonly #perSample: readonly string[];
  /** By pass, where steps are sampled. */
  #traces: readonly TraceBuffer[] = [];
  readonly #clearSums = (encoder: GPUCommandEncoder) => {
    for (const { space, block, offset, bytes } of this.#sums) {
      encoder.clearBuffer(this.last.spaces[space][block], offset, bytes);
    }
  };
  readonly #putDownLoss = (encoder: GPUCommandEncoder) => this.losses.encode(encoder, this.#running);
  /** The step that is being encoded. */
  #running = 0;

  private constructor(
    device: GPUDevice,
    passes: readonly Executor[],
    sums: readonly Placement[],
    microBatches: number,
    samples: number,
    perSample: readonly string[],
  ) {
    this.#device = device;
    this.#passes = passes;
    this.#sums = sums;
    this.#microBatches = microBatches;
    this.#samples = samples;
    this.#perSample = perSample;
    this.losses = new LossLog(device, this.last.locate('loss'), this.last.locate('squaredGradientNorm'));
  }

  /**
   * @param spaces buffers of `plan`
   * @param batch samples of a step
   */
  static async create(
    gpu: Gpu,
    pipelines: PipelineCache,
    { plan, earlierPass, sums }: TrainingPlan,
    spaces: Spaces,
    batch: number,
    { frame, accumulate = 1, microBatches = 1 }: StepParts & Pick<Job, 'frame'>,
  ): Promise<TrainingStep> {
    const earlier = earlierPass && (await Executor.create(gpu, pipelines, earlierPass, spaces));
    const last = await Executor.create(gpu, pipelines, plan, spaces).catch((error: Error) => {
      earlier?.destroy();
      throw error;
    });
    const passes = Array.from({ length: accumulate }, (_, pass) => (pass < accumulate - 1 ? earlier! : last));
    const perSample = frame.inputs.filter(({ per }) => per === 'sample').map(({ name }) => name);
    return new TrainingStep(gpu.device, passes, sums, microBatches, batch / accumulate, perSample);
  }

  /** Of the last pass, which holds the plan of the update and the spaces of all. */
  get last(): Executor {
    return this.#passes[this.#passes.length - 1];
  }

  /** Of the passes before the last, where there are any. */
  get earlierPlan(): Plan | undefined {
    return this.#passes.length > 1 ? this.#passes[0].plan : undefined;
  }

  /** Kernels of all passes. */
  get dispatches(): number {
    return this.#passes.reduce((sum, { plan }) => sum + plan.steps.filter(isDispatch).length, 0);
  }

  setConstants(constants: Batch): void {
    for (const [name, values] of Object.entries(constants)) {
      writeInput(this.#device, this.last, name, values);
    }
  }

  /** Resolves when all of it is submitted, and what peers wait for is sent. @throws what `peers` throws */
  async run(request: StepRequest, peers: MeshPeers | undefined): Promise<RunTimes> {
    const { queue } = this.#device;
    queue.writeBuffer(this.last.spaces.hyper[0], 0, request.hyper);
    peers?.beginRound(request.step, request.flags);
    this.#running = request.step;
    const times = { wallMs: 0, exchangeMs: 0, exposedExchangeMs: 0 };
    let firstExchange = 0;
    for (const [pass, executor] of this.#passes.entries()) {
      const trace = request.sample && this.#traces[pass];
      trace?.begin();
      this.#uploadTraced(request, pass, trace);
      const { wallMs, exchangeMs, exposedExchangeMs } = await executor.run(peers, {
        before: pass === 0 ? this.#clearSums : undefined,
        after: executor === this.last ? this.#putDownLoss : undefined,
        firstExchange,
        trace,
      });
      times.wallMs += wallMs;
      times.exchangeMs += exchangeMs;
      times.exposedExchangeMs += exposedExchangeMs;
      firstExchange += executor.plan.exchanges;
    }
    this.step = request.step;
    this.losses.submitted(this.step);
    return times;
  }

  /**
   * Runs the first pass of a step up to its update, and gives what is wanted of it. The model and all that is saved of it
   * stay as they were, and what else is written a step writes anew: later steps are the same to the last bit.
   *
   * @param looks at the first pass's plan
   * @throws what `peers` throws
   */
  async look(request: HeldRequest, looks: readonly Look[], peers: MeshPeers | undefined): Promise<Looked[]> {
    const [first] = this.#passes;
    const captures = new Captures(this.#device, first.plan, first.spaces, looks);
    await this.#runHeld(request, [first], peers, { captures });
    return captures.read();
  }

  /**
   * Runs all passes of a step up to its update, as a sample, whose traces `readTraces` gives. The model stays as it was, as
   * with `look`.
   *
   * @throws what `peers` throws
   */
  async rehearse(
    request: HeldRequest & Required<Pick<StepRequest, 'sample'>>,
    peers: MeshPeers | undefined,
  ): Promise<void> {
    await this.#runHeld(request, this.#passes, peers, { traces: this.#traces });
  }

  /** Passes of a step up to its update; what they move on of the model is put back. */
  async #runHeld(
    request: HeldRequest,
    passes: readonly Executor[],
    peers: MeshPeers | undefined,
    { captures, traces = [] }: { readonly captures?: Captures; readonly traces?: readonly TraceBuffer[] },
  ): Promise<void> {
    // Running statistics, which a pass moves on.
    const state = this.last.spaces[STATE_SPACE]?.[0];
    const kept =
      state && this.#device.createBuffer({ label: 'kept state', size: state.size, usage: usage.copied });
    const copy = (encoder: GPUCommandEncoder, from: GPUBuffer | undefined, to: GPUBuffer | undefined) => {
      if (from && to) encoder.copyBufferToBuffer(from, 0, to, 0, from.size);
    };
    const before = (encoder: GPUCommandEncoder) => {
      this.#clearSums(encoder);
      copy(encoder, state, kept);
    };
    peers?.beginRound(request.step, 0);
    let firstExchange = 0;
    for (const [pass, executor] of passes.entries()) {
      const trace = traces.at(pass);
      trace?.begin();
      this.#uploadTraced(request, pass, trace);
      await executor.run(peers, {
        before: pass === 0 ? before : undefined,
        after: pass === passes.length - 1 ? encoder => copy(encoder, kept, state) : undefined,
        until: stepsBeforeUpdate(executor.plan),
        firstExchange,
        captures,
        trace,
      });
      firstExchange += executor.plan.exchanges;
    }
    kept?.destroy();
  }

  /** Makes all that sampled steps need, whose passes of kernels are as fine as `detail` says. */
  prepareTraces(detail: TraceDetail): void {
    for (const trace of this.#traces) trace.destroy();
    this.#traces = this.#passes.map(({ plan }) => TraceBuffer.create(this.#device, plan, detail));
  }

  /** What the last step left behind, if it was a sample: a trace for every pass. */
  async readTraces(stamp: TraceStamp): Promise<StepTrace[]> {
    return Promise.all(this.#traces.map(trace => trace.read(stamp)));
  }

  /** Frees what it made for itself; the spaces belong to whoever allocated them. */
  destroy(): void {
    this.losses.destroy();
    for (const executor of new Set(this.#passes)) executor.destroy();
    for (const trace of this.#traces) trace.destroy();
  }

  #uploadTraced(request: HeldRequest, pass: number, trace: TraceBuffer | undefined): void {
    const uploading = performance.now();
    this.#upload(request, pass);
    const uploaded = performance.now();
    // Only the first pass waits for the batch.
    const { asked, taken } = (pass === 0 && request.sample) || { asked: uploading, taken: uploading };
    trace?.data(asked, taken, uploading, uploaded);
  }

  /** Uploads the samples of a pass, behind the pass before. */
  #upload({ batch, step, seed }: Pick<StepRequest, 'batch' | 'step' | 'seed'>, pass: number): void {
    for (const name of this.#perSample) this.#writeParts(name, batch[name], pass);
    if (this.last.plan.inputs.has('random')) {
      const words = Uint32Array.of(seed, Math.floor(seed / 2 ** 32), step, pass * this.#samples);
      writeInput(this.#device, this.last, 'random', words);
    }
  }

  /** Writes a pass's part of an array of the whole batch into the inputs of the micro-batches. */
  #writeParts(name: string, values: Batch[string], pass: number): void {
    const parts = this.#microBatches;
    const size = values.length / this.#passes.length / parts;
    for (let part = 0; part < parts; part++) {
      const from = (pass * parts + part) * size;
      writeInput(this.#device, this.last, inputName(name, part, parts), values.subarray(from, from + size));
    }
  }
}
