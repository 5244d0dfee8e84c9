/**
 * One training step on the device: the batch is uploaded and computed in one pass or several, each of which adds to the
 * gradients, the last goes on to the update, and the loss is put down. On a mesh all passes are one round of the links.
 */

import type { Peers } from '../engine/exchange-actions.ts';
import { Executor, type RunTimes } from '../engine/executor.ts';
import type { Spaces } from '../engine/spaces.ts';
import { writeInput } from '../engine/transfer.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { isDispatch, type Placement } from '../plan/plan.ts';
import { LossLog } from './loss-log.ts';
import type { Batch, MeshPeers } from './model-trainer.ts';
import type { StepParts } from './parts.ts';
import { inputName, type TrainingPlan } from './plans.ts';

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
}

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

  private constructor(
    device: GPUDevice,
    passes: readonly Executor[],
    sums: readonly Placement[],
    microBatches: number,
    samples: number,
  ) {
    this.#device = device;
    this.#passes = passes;
    this.#sums = sums;
    this.#microBatches = microBatches;
    this.#samples = samples;
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
    { accumulate = 1, microBatches = 1 }: StepParts,
  ): Promise<TrainingStep> {
    const earlier = earlierPass && (await Executor.create(gpu, pipelines, earlierPass, spaces));
    const last = await Executor.create(gpu, pipelines, plan, spaces).catch((error: Error) => {
      earlier?.destroy();
      throw error;
    });
    const passes = Array.from({ length: accumulate }, (_, pass) => (pass < accumulate - 1 ? earlier! : last));
    return new TrainingStep(gpu.device, passes, sums, microBatches, batch / accumulate);
  }

  /** Of the last pass, which holds the plan of the update and the spaces of all. */
  get last(): Executor {
    return this.#passes[this.#passes.length - 1];
  }

  /** Kernels of all passes. */
  get dispatches(): number {
    return this.#passes.reduce((sum, { plan }) => sum + plan.steps.filter(isDispatch).length, 0);
  }

  setLossWeight(weight: Float32Array<ArrayBuffer>): void {
    writeInput(this.#device, this.last, 'weight', weight);
  }

  /** Resolves when all of it is submitted, and what peers wait for is sent. @throws what `peers` throws */
  async run(request: StepRequest, peers: MeshPeers | undefined): Promise<RunTimes> {
    const { queue } = this.#device;
    queue.writeBuffer(this.last.spaces.hyper[0], 0, request.hyper);
    this.#clearSums();
    peers?.beginRound(request.step, request.flags);
    const times = { wallMs: 0, exchangeMs: 0, exposedExchangeMs: 0 };
    let exchanges = 0;
    for (const [pass, executor] of this.#passes.entries()) {
      this.#upload(request, pass);
      const encoder = this.#device.createCommandEncoder();
      if (peers && executor.plan.exchanges > 0) {
        const { wallMs, exchangeMs, exposedExchangeMs } = await executor.run(numberedFrom(peers, exchanges));
        times.wallMs += wallMs;
        times.exchangeMs += exchangeMs;
        times.exposedExchangeMs += exposedExchangeMs;
        exchanges += executor.plan.exchanges;
      } else {
        executor.encode(encoder);
      }
      if (executor === this.last) this.losses.encode(encoder, request.step);
      queue.submit([encoder.finish()]);
    }
    this.step = request.step;
    return times;
  }

  /** Frees what it made for itself; the spaces belong to whoever allocated them. */
  destroy(): void {
    this.losses.destroy();
    for (const executor of new Set(this.#passes)) executor.destroy();
  }

  #clearSums(): void {
    if (this.#sums.length === 0) return;
    const encoder = this.#device.createCommandEncoder();
    for (const { space, block, offset, bytes } of this.#sums) {
      encoder.clearBuffer(this.last.spaces[space][block], offset, bytes);
    }
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Uploads the samples of a pass, behind the pass before. */
  #upload({ batch: { input, target, mask }, step, seed }: StepRequest, pass: number): void {
    this.#writeParts('input', input, pass);
    this.#writeParts('target', target, pass);
    if (mask) this.#writeParts('mask', mask, pass);
    if (this.last.plan.inputs.has('random')) {
      const words = Uint32Array.of(seed, Math.floor(seed / 2 ** 32), step, pass * this.#samples);
      writeInput(this.#device, this.last, 'random', words);
    }
  }

  /** Writes a pass's part of an array of the whole batch into the inputs of the micro-batches. */
  #writeParts(name: string, values: Float32Array<ArrayBuffer>, pass: number): void {
    const parts = this.#microBatches;
    const size = values.length / this.#passes.length / parts;
    for (let part = 0; part < parts; part++) {
      const from = (pass * parts + part) * size;
      writeInput(this.#device, this.last, inputName(name, part, parts), values.subarray(from, from + size));
    }
  }
}

/** The same peers for a further plan of a round, whose exchanges are numbered on. */
function numberedFrom(peers: Peers, first: number): Peers {
  return {
    send: (peer, exchange, bytes, wire) => peers.send(peer, first + exchange, bytes, wire),
    receive: (peer, exchange, bytes, wire) => peers.receive(peer, first + exchange, bytes, wire),
    release: block => peers.release(block),
  };
}
