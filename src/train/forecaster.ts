/** Forecasts with the parameters of a trainer: an executor for every size of batch. */

import { Executor } from '../engine/executor.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../engine/spaces.ts';
import { readFloats, writeInput } from '../engine/transfer.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import type { Plan } from '../plan/plan.ts';
import type { MeshPeers } from './model-trainer.ts';

export class Forecaster {
  readonly #device: GPUDevice;
  /** By batch size. */
  readonly #executors: ReadonlyMap<number, Executor>;

  private constructor(device: GPUDevice, executors: ReadonlyMap<number, Executor>) {
    this.#device = device;
    this.#executors = executors;
  }

  /**
   * @param plans by batch size: see `forecastPlan`
   * @param parameters buffers that the trainer owns
   */
  static async create(
    gpu: Gpu,
    pipelines: PipelineCache,
    plans: ReadonlyMap<number, Plan>,
    parameters: GPUBuffer[],
  ): Promise<Forecaster> {
    const executors = new Map<number, Executor>();
    const forecaster = new Forecaster(gpu.device, executors);
    try {
      for (const [batch, plan] of plans) {
        const spaces = await allocateSpaces(gpu, plan, { parameters });
        try {
          executors.set(batch, await Executor.create(gpu, pipelines, plan, spaces));
        } catch (error) {
          destroyOwn(spaces);
          throw error;
        }
      }
      return forecaster;
    } catch (error) {
      forecaster.destroy();
      throw error;
    }
  }

  get plans(): readonly Plan[] {
    return [...this.#executors.values()].map(({ plan }) => plan);
  }

  /**
   * @param batch one of the sizes that there are plans for
   * @param step after which the forecast is made
   * @returns [batch, channels, height, width]
   */
  async predict(
    input: Float32Array<ArrayBuffer>,
    batch: number,
    step: number,
    peers: MeshPeers | undefined,
  ): Promise<Float32Array<ArrayBuffer>> {
    const executor = this.#executors.get(batch);
    if (!executor) throw new Error(`no forecast plan for a batch of ${batch}`);
    writeInput(this.#device, executor, 'input', input);
    if (peers && executor.plan.exchanges > 0) {
      peers.beginRound(step, 0);
      await executor.run(peers);
    } else {
      const encoder = this.#device.createCommandEncoder();
      executor.encode(encoder);
      this.#device.queue.submit([encoder.finish()]);
    }
    const { buffer, offset, bytes } = executor.locate('prediction');
    return readFloats(this.#device, buffer, offset, bytes);
  }

  destroy(): void {
    for (const executor of this.#executors.values()) {
      executor.destroy();
      destroyOwn(executor.spaces);
    }
  }
}

/** The parameters are the trainer's. */
const destroyOwn = (spaces: Spaces) => destroySpaces({ ...spaces, parameters: [] });
