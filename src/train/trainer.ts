/**
 * One model, or one rank's shard of it, on one device: parameters, optimizer state, and the two plans. Takes a batch,
 * makes a step; knows no data set and no clock. The ranks of a mesh call the same methods in the same order.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import {
  allocateSpaces,
  destroySpaces,
  Executor,
  type Peers,
  type RunTimes,
  type Spaces,
} from '../graph/executor.ts';
import type { ParameterLayout } from '../graph/layout.ts';
import { checkLimits } from '../graph/limits.ts';
import { type Buffer, isDispatch, type Plan } from '../graph/plan.ts';
import { readFloats } from '../graph/run.ts';
import { drawParameters } from '../models/parameters.ts';
import { checkMesh } from '../models/sharded-config.ts';
import type { WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { single } from '../parallel/mesh.ts';
import type { CheckpointLabel } from './checkpoint.ts';
import { LossLog } from './loss-log.ts';
import { hyperValues, type OptimizerOptions } from './optimizer.ts';
import { forecastPlan, inputName, type StepOptions, trainingPlan } from './plans.ts';

export interface TrainerOptions extends StepOptions {
  readonly model: WeatherMixerConfig;
  readonly optimizer: OptimizerOptions;
  /** Samples of a step; with replicas, those of this one. */
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

/** Flag of the blocks of a step after which the first rank has something else in mind. */
export const HOLD = 1;

/** The links of a rank, as a trainer uses them. */
export interface MeshPeers extends Peers {
  /** A plan is about to be run by all ranks of its groups, for or after this step; `flags` go with its blocks. */
  beginRound(step: number, flags: number): void;
}

/**
 * What a session asks of whatever trains: a `Trainer` on its own, or the first rank of a mesh on behalf of all.
 * Batches, states and forecasts are those of the whole model there.
 */
export interface ModelTrainer {
  /** Layout of the whole model's parameters. */
  readonly layout: ParameterLayout;
  readonly losses: LossLog;
  readonly step: number;
  readonly gpuBusySeconds: number;
  /** Samples of a training step, and of the larger forecasts. */
  readonly batch: number;
  readonly forecastBatch: number;
  /** Spaces of the parameters and the optimizer's state: the keys of a `TrainerState`. */
  readonly stateSpaces: readonly string[];
  /** Kernels of one training step. */
  readonly dispatches: number;
  /** True where no rank runs ahead: the model can be read, and used for forecasts. */
  readonly held: boolean;
  reset(seed: number): Promise<void>;
  /** @param hold after this step something else follows than another one */
  trainStep(batch: Batch, learningRate: number, seed: number, hold?: boolean): Promise<void>;
  predict(input: Float32Array<ArrayBuffer>, batch?: number): Promise<Float32Array<ArrayBuffer>>;
  bytesBySpace(): Record<string, number>;
  /** @param label where ranks are to keep what is read as a checkpoint */
  readState(label?: CheckpointLabel): Promise<TrainerState>;
  writeState(state: TrainerState, step: number): Promise<void>;
  destroy(): void;
}

/** Spaces that make up a `TrainerState`, where a plan has them. */
const STATE_SPACES = ['parameters', 'moment1', 'moment2', 'average'];

/** Steps that may wait in the queue: enough to keep it busy, few enough to stop at once. */
const STEPS_IN_FLIGHT = 2;

export class Trainer implements ModelTrainer {
  readonly options: TrainerOptions;
  readonly layout: ParameterLayout;
  readonly training: Executor;
  readonly losses: LossLog;
  readonly #gpu: Gpu;
  /** By batch size. */
  readonly #forecasters: ReadonlyMap<number, Executor>;
  readonly #inFlight: Promise<unknown>[] = [];
  readonly #peers: MeshPeers | undefined;
  #times: RunTimes = { wallMs: 0, exchangeMs: 0, exposedExchangeMs: 0 };
  #step = 0;
  #busySeconds = 0;
  #lastDone = 0;

  private constructor(
    gpu: Gpu,
    options: TrainerOptions,
    layout: ParameterLayout,
    training: Executor,
    forecasters: ReadonlyMap<number, Executor>,
    peers?: MeshPeers,
  ) {
    this.#peers = peers;
    this.#gpu = gpu;
    this.options = options;
    this.layout = layout;
    this.training = training;
    this.#forecasters = forecasters;
    this.losses = new LossLog(gpu.device, training.locate('loss'));
  }

  /**
   * Compiles, checks against the adapter, allocates, and draws the parameters.
   *
   * @param peers needed where `options.mesh` has more than one rank
   * @throws ConfigError, TooLargeError
   */
  static async create(
    gpu: Gpu,
    pipelines: PipelineCache,
    options: TrainerOptions,
    peers?: MeshPeers,
  ): Promise<Trainer> {
    const { model, optimizer, batch, masked, memoryBudget, mesh = single } = options;
    checkMesh(model, mesh, batch * mesh.replicas);
    const { plan, layout } = trainingPlan(model, batch, optimizer, masked, options);
    const forecasts = new Map([1, batch].map(size => [size, forecastPlan(model, size, mesh).plan]));
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
    const trainer = new Trainer(gpu, options, layout, training, forecasters, peers);
    await trainer.reset(options.seed);
    return trainer;
  }

  get batch(): number {
    return this.options.batch;
  }

  get forecastBatch(): number {
    return this.options.batch;
  }

  get stateSpaces(): readonly string[] {
    return STATE_SPACES.filter(space => this.training.spaces[space]);
  }

  get held(): boolean {
    return true;
  }

  get dispatches(): number {
    return this.training.plan.steps.filter(isDispatch).length;
  }

  /** Where the time of the last step went, on a mesh. */
  get times(): RunTimes {
    return this.#times;
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
  async reset(seed: number): Promise<void> {
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
   * Submits one training step; resolves when few enough steps wait. `seed` is that of the dropout masks. On a mesh
   * the flag HOLD tells the others that no further step follows at once.
   */
  async trainStep(batch: Batch, learningRate: number, seed: number, hold = false): Promise<void> {
    const { device } = this.#gpu;
    const step = this.#step + 1;
    this.#writeParts('input', batch.input);
    this.#writeParts('target', batch.target);
    if (batch.mask) this.#writeParts('mask', batch.mask);
    if (this.training.plan.inputs.has('random')) {
      this.#write(this.training, 'random', Uint32Array.of(seed, Math.floor(seed / 2 ** 32), step, 0));
    }
    const hyper = hyperValues(this.layout, this.options.optimizer, learningRate, step);
    device.queue.writeBuffer(this.training.spaces.hyper[0], 0, hyper);
    const submitted = performance.now();
    if (this.#peers && this.training.plan.exchanges > 0) {
      this.#peers.beginRound(step, hold ? HOLD : 0);
      this.#times = await this.training.run(this.#peers);
    }
    const encoder = device.createCommandEncoder();
    if (this.training.plan.exchanges === 0) this.training.encode(encoder);
    this.losses.encode(encoder, step);
    device.queue.submit([encoder.finish()]);
    this.#step = step;
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
    if (this.#peers && executor.plan.exchanges > 0) {
      this.#peers.beginRound(this.#step, 0);
      await executor.run(this.#peers);
    } else {
      const encoder = device.createCommandEncoder();
      executor.encode(encoder);
      device.queue.submit([encoder.finish()]);
    }
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
    for (const space of this.stateSpaces) {
      const [buffer] = this.training.spaces[space];
      state[space] = await readFloats(this.#gpu.device, buffer, 0, 4 * this.layout.floats);
    }
    return state;
  }

  /** Goes on from a state that `readState` gave after `step` steps. */
  async writeState(state: TrainerState, step: number): Promise<void> {
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

  /** Writes an array of the whole batch into the inputs of the micro-batches. */
  #writeParts(name: string, values: Float32Array<ArrayBuffer>): void {
    const { microBatches: parts = 1 } = this.options;
    const size = values.length / parts;
    for (let part = 0; part < parts; part++) {
      const own = values.subarray(part * size, (part + 1) * size);
      this.#write(this.training, inputName(name, part, parts), own);
    }
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
