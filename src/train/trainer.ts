/**
 * One model on one device: parameters, optimizer state, and the two plans. Takes a batch, makes a step; knows no
 * data set and no clock.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { allocateSpaces, destroySpaces, Executor, type Spaces } from '../graph/executor.ts';
import type { ParameterLayout } from '../graph/layout.ts';
import { checkLimits } from '../graph/limits.ts';
import type { Buffer, Plan } from '../graph/plan.ts';
import { readFloats } from '../graph/run.ts';
import { drawParameters } from '../models/parameters.ts';
import type { WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { LossLog } from './loss-log.ts';
import { hyperValues, type OptimizerOptions } from './optimizer.ts';
import { forecastPlan, trainingPlan } from './plans.ts';

export interface TrainerOptions {
  readonly model: WeatherMixerConfig;
  readonly optimizer: OptimizerOptions;
  readonly batch: number;
  /** Data with gaps: every step takes a mask. */
  readonly masked: boolean;
  readonly seed: number;
  /** Bytes that all buffers together may take. */
  readonly memoryBudget?: number;
}

/** One batch, row-major: see `trainingPlan`. */
export interface Batch {
  readonly input: Float32Array<ArrayBuffer>;
  readonly target: Float32Array<ArrayBuffer>;
  readonly mask?: Float32Array<ArrayBuffer>;
}

/** The flat arrays that make a run go on where it was: all of `layout.floats` values. */
export type TrainerState = Readonly<Record<string, Float32Array<ArrayBuffer>>>;

/** Steps that may wait in the queue: enough to keep it busy, few enough to stop at once. */
const STEPS_IN_FLIGHT = 2;

export class Trainer {
  readonly options: TrainerOptions;
  readonly layout: ParameterLayout;
  readonly training: Executor;
  readonly losses: LossLog;
  readonly #gpu: Gpu;
  /** By batch size. */
  readonly #forecasters: ReadonlyMap<number, Executor>;
  readonly #inFlight: Promise<unknown>[] = [];
  #step = 0;
  #busySeconds = 0;
  #lastDone = 0;

  private constructor(
    gpu: Gpu,
    options: TrainerOptions,
    layout: ParameterLayout,
    training: Executor,
    forecasters: ReadonlyMap<number, Executor>,
  ) {
    this.#gpu = gpu;
    this.options = options;
    this.layout = layout;
    this.training = training;
    this.#forecasters = forecasters;
    this.losses = new LossLog(gpu.device, training.locate('loss'));
  }

  /**
   * Compiles, checks against the adapter, allocates, and draws the parameters.
   * @throws ConfigError, TooLargeError
   */
  static async create(gpu: Gpu, pipelines: PipelineCache, options: TrainerOptions): Promise<Trainer> {
    const { model, optimizer, batch, masked, memoryBudget } = options;
    const { plan, layout } = trainingPlan(model, batch, optimizer, masked);
    const forecasts = new Map([1, batch].map(size => [size, forecastPlan(model, size).plan]));
    checkLimits({ spaces: allSpaces(plan, [...forecasts.values()]) }, gpu.limits, memoryBudget);
    const spaces = await allocateSpaces(gpu, plan);
    // Forecasts are made with the averaged parameters where an average is kept.
    const shared: Spaces = { parameters: spaces.average ?? spaces.parameters };
    const training = await Executor.create(gpu, pipelines, plan, spaces);
    const forecasters = new Map<number, Executor>();
    for (const [size, forecast] of forecasts) {
      const own = await allocateSpaces(gpu, forecast, shared);
      forecasters.set(size, await Executor.create(gpu, pipelines, forecast, own));
    }
    const trainer = new Trainer(gpu, options, layout, training, forecasters);
    trainer.reset(options.seed);
    return trainer;
  }

  /** Steps done. */
  get step(): number {
    return this.#step;
  }

  /** Seconds in which the device had steps to work on, from submission to completion. */
  get gpuBusySeconds(): number {
    return this.#busySeconds;
  }

  /** Draws the parameters anew and forgets the optimizer's state. */
  reset(seed: number): void {
    const flat = drawParameters(this.layout, seed);
    const { parameters, moment1, moment2, average } = this.training.spaces;
    const { queue } = this.#gpu.device;
    queue.writeBuffer(parameters[0], 0, flat);
    if (average) queue.writeBuffer(average[0], 0, flat);
    const zeros = new Float32Array(flat.length);
    queue.writeBuffer(moment1[0], 0, zeros);
    if (moment2) queue.writeBuffer(moment2[0], 0, zeros);
    this.#step = 0;
    this.losses.clear();
  }

  setLossWeight(weight: Float32Array<ArrayBuffer>): void {
    this.#write(this.training, 'weight', weight);
  }

  /**
   * Submits one training step; resolves when few enough steps wait. `seed` is that of the dropout masks.
   */
  async trainStep(batch: Batch, learningRate: number, seed: number): Promise<void> {
    const { device } = this.#gpu;
    const step = this.#step + 1;
    this.#write(this.training, 'input', batch.input);
    this.#write(this.training, 'target', batch.target);
    if (batch.mask) this.#write(this.training, 'mask', batch.mask);
    if (this.training.plan.inputs.has('random')) {
      this.#write(this.training, 'random', Uint32Array.of(seed, Math.floor(seed / 2 ** 32), step, 0));
    }
    const hyper = hyperValues(this.layout, this.options.optimizer, learningRate, step);
    device.queue.writeBuffer(this.training.spaces.hyper[0], 0, hyper);
    const encoder = device.createCommandEncoder();
    this.training.encode(encoder);
    this.losses.encode(encoder, step);
    device.queue.submit([encoder.finish()]);
    this.#step = step;
    const submitted = performance.now();
    this.#inFlight.push(device.queue.onSubmittedWorkDone().then(() => this.#account(submitted)));
    if (this.#inFlight.length >= STEPS_IN_FLIGHT) await this.#inFlight.shift();
  }

  #account(submitted: number): void {
    const now = performance.now();
    this.#busySeconds += (now - Math.max(submitted, this.#lastDone)) / 1000;
    this.#lastDone = now;
  }

  /**
   * Forecasts for a batch of 1 or of the training batch: [batch, channels, height, width].
   */
  async predict(
    input: Float32Array<ArrayBuffer>,
    batch = this.options.batch,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { device } = this.#gpu;
    const executor = this.#forecasters.get(batch);
    if (!executor) throw new Error(`no forecast plan for a batch of ${batch}`);
    this.#write(executor, 'input', input);
    const encoder = device.createCommandEncoder();
    executor.encode(encoder);
    device.queue.submit([encoder.finish()]);
    const { buffer, offset, bytes } = executor.locate('prediction');
    return readFloats(device, buffer, offset, bytes);
  }

  /** Bytes of all buffers, by space, of training and forecasting together. */
  bytesBySpace(): Record<string, number> {
    const forecasts = [...this.#forecasters.values()].map(({ plan }) => plan);
    return Object.fromEntries(
      Object.entries(allSpaces(this.training.plan, forecasts)).map(([space, buffers]) => [
        space,
        buffers.reduce((sum, { bytes }) => sum + bytes, 0),
      ]),
    );
  }

  async readState(): Promise<TrainerState> {
    const state: Record<string, Float32Array<ArrayBuffer>> = {};
    for (const space of ['parameters', 'moment1', 'moment2', 'average']) {
      const buffers = this.training.spaces[space];
      if (buffers) state[space] = await readFloats(this.#gpu.device, buffers[0], 0, 4 * this.layout.floats);
    }
    return state;
  }

  /** Goes on from a state that `readState` gave after `step` steps. */
  writeState(state: TrainerState, step: number): void {
    for (const [space, values] of Object.entries(state)) {
      this.#gpu.device.queue.writeBuffer(this.training.spaces[space][0], 0, values);
    }
    this.#step = step;
    this.losses.clear();
  }

  destroy(): void {
    this.losses.destroy();
    this.training.destroy();
    for (const executor of this.#forecasters.values()) {
      executor.destroy();
      destroySpaces({ ...executor.spaces, parameters: [] });
    }
    destroySpaces(this.training.spaces);
  }

  #write(
    executor: Executor,
    name: string,
    values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  ): void {
    const { buffer, offset, bytes } = executor.locate(name);
    if (values.byteLength !== bytes) {
      throw new Error(`input ${name} takes ${bytes / 4} values; ${values.length} were given`);
    }
    this.#gpu.device.queue.writeBuffer(buffer, offset, values);
  }
}

/** Buffers of training and forecasting together, by space: forecasts read the parameters that training has. */
function allSpaces(training: Plan, forecasts: readonly Plan[]): Plan['spaces'] {
  const all: Record<string, readonly Buffer[]> = { ...training.spaces };
  for (const { spaces } of forecasts) {
    for (const [space, buffers] of Object.entries(spaces)) {
      if (space !== 'parameters') all[space] = [...(all[space] ?? []), ...buffers];
    }
  }
  return all;
}
