/**
 * Forecasts with the parameters of a trainer: an executor for every size of batch, and one staging buffer for all that
 * is read. One forecast is made after the other, for they share both.
 */

import { Executor } from '../engine/executor.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../engine/spaces.ts';
import { Staging, writeInput } from '../engine/transfer.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { type Frame, predictionOf } from '../models/model.ts';
import { STATE_SPACE } from '../plan/layout.ts';
import type { Plan } from '../plan/plan.ts';
import type { RollOut, StateGrid } from '../tasks/predictor.ts';
import { DeviceRollOut } from './device-roll-out.ts';
import type { MeshPeers } from './model-trainer.ts';

export class Forecaster {
  readonly #device: GPUDevice;
  /** By batch size. */
  readonly #executors: ReadonlyMap<number, Executor>;
  readonly #staging: Staging;
  readonly #input: string;
  readonly #output: string;
  /** The forecast that is being made. */
  #busy: Promise<unknown> = Promise.resolve();
  #isGone = false;

  private constructor(
    device: GPUDevice,
    executors: ReadonlyMap<number, Executor>,
    staging: Staging,
    frame: Frame,
  ) {
    const { input, output } = predictionOf(frame);
    this.#input = input.name;
    this.#output = output.name;
    this.#device = device;
    this.#executors = executors;
    this.#staging = staging;
  }

  /**
   * @param plans by batch size: see `forecastPlan`
   * @param shared spaces that the trainer owns: the parameters, and the states where there are any
   */
  static async create(
    gpu: Gpu,
    pipelines: PipelineCache,
    plans: ReadonlyMap<number, Plan>,
    shared: Spaces,
    frame: Frame,
  ): Promise<Forecaster> {
    const executors = new Map<number, Executor>();
    const bytes = [...plans.values()].map(
      ({ outputs }) => outputs.get(predictionOf(frame).output.name)?.bytes ?? 0,
    );
    const staging = new Staging(gpu.device, Math.max(...bytes));
    const forecaster = new Forecaster(gpu.device, executors, staging, frame);
    try {
      for (const [batch, plan] of plans) {
        const spaces = await allocateSpaces(gpu, plan, shared);
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
   * @returns the model's output, [batch, ...shape]
   */
  predict(
    input: Float32Array<ArrayBuffer>,
    batch: number,
    step: number,
    peers: MeshPeers | undefined,
  ): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(async () => {
      const executor = this.#executorFor(batch);
      writeInput(this.#device, executor, this.#input, input);
      if (peers && executor.plan.exchanges > 0) {
        peers.beginRound(step, 0);
        await executor.run(peers);
      } else {
        const encoder = this.#device.createCommandEncoder();
        executor.encode(encoder);
        this.#device.queue.submit([encoder.finish()]);
      }
      const { buffer, offset, bytes } = executor.locate(this.#output);
      return this.#staging.read(buffer, offset, bytes);
    });
  }

  /** For a plan without exchanges: roll-outs of one of the sizes of batch that there are plans for. */
  rollOut(batch: number, grid: StateGrid): RollOut {
    return new DeviceRollOut(this.#device, this.#executorFor(batch), this.#staging, batch, grid, work =>
      this.#inTurn(work),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(() => {
      if (this.#isGone) throw new Error('The model that this is asked of is gone.');
      return work();
    });
    this.#busy = result.catch(() => undefined);
    return result;
  }

  #executorFor(batch: number): Executor {
    const executor = this.#executors.get(batch);
    if (!executor) throw new Error(`no forecast plan for a batch of ${batch}`);
    return executor;
  }

  destroy(): void {
    this.#isGone = true;
    for (const executor of this.#executors.values()) {
      executor.destroy();
      destroyOwn(executor.spaces);
    }
    this.#staging.destroy();
  }
}

/** Parameters and states are the trainer's. */
const destroyOwn = (spaces: Spaces) => destroySpaces({ ...spaces, parameters: [], [STATE_SPACE]: [] });
