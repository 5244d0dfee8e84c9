/**
 * One model, or one rank's shard of it, on one device: parameters, optimizer state, and the plans. Takes a batch,
 * makes a step; knows no data set and no clock. The ranks of a mesh call the same methods in the same order.
 */

import type { RunTimes } from '../engine/executor.ts';
import { formsFor } from '../engine/forms.ts';
import { Snapshots } from '../engine/snapshots.ts';
import { allocateSpaces, destroySpaces, type Spaces } from '../engine/spaces.ts';
import { readFloats } from '../engine/transfer.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import type { Shape } from '../graph/tensor.ts';
import { inSpace, type ParameterLayout, STATE_SPACE } from '../plan/layout.ts';
import { checkLimits } from '../plan/limits.ts';
import { type Look, type Looked, lookFault } from '../plan/look.ts';
import { type FormTable, lower } from '../plan/lower.ts';
import type { Plan } from '../plan/plan.ts';
import type { StepTrace } from '../plan/trace.ts';
import type { RollOut, StateGrid } from '../tasks/predictor.ts';
import type { Batch } from '../tasks/task.ts';
import { Forecaster } from './forecaster.ts';
import { drawParameters, initialState } from './initial-parameters.ts';
import type { LossLog } from './loss-log.ts';
import { HOLD, type MeshPeers, type StateSnapshot } from './model-trainer.ts';
import { hyperValues } from './optimizer.ts';
import type { OptimizerOptions } from './optimizer-options.ts';
import { allSpaces, type Job, lowered, type RankPlans, rankPlans, type StepOptions } from './plans.ts';
import { StepQueue } from './step-queue.ts';
import { Sampler, type Tracing } from './tracing.ts';
import type { TrainerState } from './trainer-state.ts';
import { TrainingStep } from './training-step.ts';

export interface TrainerOptions extends StepOptions, Job {
  readonly optimizer: OptimizerOptions;
  /** Samples of a step; with replicas, those of this one. */
  readonly batch: number;
  readonly seed: number;
  /** How products are computed; as suits the adapter where absent. */
  readonly forms?: FormTable;
  /** Bytes that all buffers together may take. */
  readonly memoryBudget?: number;
}

/** Spaces that make up a `TrainerState`, where a plan has them. */
const STATE_SPACES = ['parameters', 'moment1', 'moment2', 'average', STATE_SPACE];

export class Trainer {
  readonly options: TrainerOptions;
  readonly layout: ParameterLayout;
  /** Buffers of the parameters, the optimizer's state, and all that a step needs. */
  readonly spaces: Spaces;
  readonly #gpu: Gpu;
  readonly #training: TrainingStep;
  readonly #forecaster: Forecaster;
  readonly #queue: StepQueue;
  #sampler: Sampler | undefined;
  readonly #peers: MeshPeers | undefined;
  readonly #snapshots: Snapshots;
  #times: RunTimes = { wallMs: 0, exchangeMs: 0, exposedExchangeMs: 0 };

  private constructor(
    gpu: Gpu,
    options: TrainerOptions,
    layout: ParameterLayout,
    training: TrainingStep,
    forecaster: Forecaster,
    peers?: MeshPeers,
  ) {
    this.#peers = peers;
    this.#gpu = gpu;
    this.#queue = new StepQueue(gpu.device.queue);
    this.options = options;
    this.layout = layout;
    this.#training = training;
    this.spaces = training.last.spaces;
    this.#forecaster = forecaster;
    const sources = this.stateSpaces.map(space => {
      const [buffer] = this.spaces[space];
      return [space, { buffer, bytes: 4 * inSpace(layout, space).floats }] as const;
    });
    this.#snapshots = new Snapshots(gpu.device, Object.fromEntries(sources));
  }

  /**
   * Compiles, checks against the adapter, allocates, and draws the parameters.
   *
   * @param peers needed where `options.mesh` has more than one rank
   * @param compiled its plans, where they are there already
   * @throws ConfigError, TooLargeError
   */
  static async create(
    gpu: Gpu,
    pipelines: PipelineCache,
    options: TrainerOptions,
    peers?: MeshPeers,
    compiled = compiledFor(options),
  ): Promise<Trainer> {
    const { frame, batch, memoryBudget, forms = formsFor(gpu) } = options;
    const plans = lowered(compiled.training, forms);
    const forecasts = new Map([...compiled.forecasts].map(([size, plan]) => [size, lower(plan, forms)]));
    checkLimits({ spaces: allSpaces(plans.plan, [...forecasts.values()]) }, gpu.limits, memoryBudget);
    const spaces = await allocateSpaces(gpu, plans.plan);
    let training: TrainingStep | undefined;
    let forecaster: Forecaster | undefined;
    try {
      training = await TrainingStep.create(gpu, pipelines, plans, spaces, batch, options);
      // Forecasts are made with the averaged parameters where an average is kept.
      const parameters = spaces.average ?? spaces.parameters;
      const shared = { parameters, ...(spaces.state ? { state: spaces.state } : {}) };
      forecaster = await Forecaster.create(gpu, pipelines, forecasts, shared, frame);
      const trainer = new Trainer(gpu, options, plans.layout, training, forecaster, peers);
      await trainer.reset(options.seed);
      return trainer;
    } catch (error) {
      forecaster?.destroy();
      training?.destroy();
      destroySpaces(spaces);
      throw error;
    }
  }

  get losses(): LossLog {
    return this.#training.losses;
  }

  /** Samples of the larger forecasts. */
  get forecastBatch(): number {
    const { batch, accumulate = 1 } = this.options;
    return batch / accumulate;
  }

  /** Spaces of the parameters and the optimizer's state: the keys of a `TrainerState`. */
  get stateSpaces(): readonly string[] {
    return STATE_SPACES.filter(space => this.spaces[space]);
  }

  /** Kernels of one training step. */
  get dispatches(): number {
    return this.#training.dispatches;
  }

  /** Where the time of the last step went, on a mesh. */
  get times(): RunTimes {
    return this.#times;
  }

  /** How its products are computed. */
  get forms(): FormTable {
    return this.options.forms ?? formsFor(this.#gpu);
  }

  /** What the last pass of a step runs, and those before it, where there are any. */
  get plan(): Plan {
    return this.#training.last.plan;
  }

  get earlierPlan(): Plan | undefined {
    return this.#training.earlierPlan;
  }

  /** Steps done. */
  get step(): number {
    return this.#training.step;
  }

  /** Seconds in which the device had steps to work on, from submission to completion. */
  get gpuBusySeconds(): number {
    return this.#queue.busySeconds;
  }

  /** Since when the device has no step to work on, by `performance.now`; undefined while it has one. */
  get idleSince(): number | undefined {
    return this.#queue.idleSince;
  }

  /** Draws the parameters anew and forgets the optimizer's state. */
  async reset(seed: number): Promise<void> {
    const flat = drawParameters(this.layout, seed);
    const { parameters, moment1, moment2, average, state } = this.spaces;
    const { queue } = this.#gpu.device;
    queue.writeBuffer(parameters[0], 0, flat);
    if (average) queue.writeBuffer(average[0], 0, flat);
    if (state) queue.writeBuffer(state[0], 0, initialState(this.layout.states));
    const encoder = this.#gpu.device.createCommandEncoder();
    encoder.clearBuffer(moment1[0]);
    if (moment2) encoder.clearBuffer(moment2[0]);
    queue.submit([encoder.finish()]);
    this.#training.step = 0;
    this.losses.clear();
  }

  /** Uploads the inputs that are the same for the whole run. */
  setConstants(constants: Batch): void {
    this.#training.setConstants(constants);
  }

  /**
   * Submits one training step; resolves when few enough steps wait. `seed` is that of the dropout masks. On a mesh
   * the flag HOLD tells the others that no further step follows at once.
   */
  async trainStep(batch: Batch, learningRate: number, seed: number, hold = false): Promise<void> {
    const step = this.step + 1;
    const hyper = hyperValues(this.layout, this.options.optimizer, learningRate, step);
    const sampler = this.#sampler;
    const flags = (hold ? HOLD : 0) | (sampler?.flag() ?? 0);
    const sample = sampler?.samples ? await this.#readyToSample(sampler) : undefined;
    const begun = performance.now();
    this.#times = await this.#training.run({ batch, step, seed, hyper, flags, sample }, this.#peers);
    // The first rank follows its own flag, the others that of the blocks that they received.
    sampler?.ran(flags | (this.#peers?.flagsHeard ?? 0));
    if (sample) sampler?.read(step, stamp => this.#training.readTraces(stamp));
    await this.#queue.add(begun);
  }

  /** A sampled step begins on a device that has nothing to do; its batch was waited for from then on. */
  async #readyToSample({ tracing }: Sampler): Promise<{ asked: number; taken: number }> {
    const { asked, taken } = tracing.batchTaken();
    await this.#queue.drained();
    return { asked: Math.max(asked, this.idleSince ?? asked), taken };
  }

  /**
   * Values of operands of what a step would compute, up to its update. Nothing of the model changes: later steps are the
   * same to the last bit.
   *
   * @param batch of the step
   * @param looks at the plan of the step's first pass
   * @throws Error where the plan has no such operands
   */
  async look(batch: Batch, step: number, seed: number, looks: readonly Look[]): Promise<Looked[]> {
    const fault = lookFault(this.earlierPlan ?? this.plan, looks);
    if (fault !== undefined) throw new Error(fault);
    return this.#training.look({ batch, step, seed }, looks, this.#peers);
  }

  /**
   * Runs a step up to its update, as a sample. Nothing of the model changes, as with `look`.
   *
   * @returns a trace for every pass; nothing where steps are not sampled, or the time of rank 0 is not known yet
   */
  async rehearse(batch: Batch, step: number, seed: number): Promise<readonly StepTrace[]> {
    const sampler = this.#sampler;
    await this.#queue.drained();
    // Its batch was not made ahead, as those of a run are: that it was waited for says nothing.
    const { taken } = sampler?.tracing.batchTaken() ?? { taken: 0 };
    // Where nothing is sampled too: on a mesh the others count on this rank's part.
    await this.#training.rehearse({ batch, step, seed, sample: { asked: taken, taken } }, this.#peers);
    const stamp = sampler?.tracing.stamp();
    return stamp ? this.#training.readTraces({ ...stamp, step }) : [];
  }

  /** Samples steps from now on: makes what that needs. */
  traceWith(tracing: Tracing): void {
    this.#training.prepareTraces(tracing.detail);
    this.#sampler = new Sampler(tracing);
  }

  /**
   * Forecasts for a batch of 1 or of `forecastBatch`: [batch, channels, height, width].
   */
  async predict(
    input: Float32Array<ArrayBuffer>,
    batch = this.forecastBatch,
  ): Promise<Float32Array<ArrayBuffer>> {
    return this.#forecaster.predict(input, batch, this.step, this.#peers);
  }

  /** Forecasts that are fed their own on the device, in batches of 1 or of `forecastBatch`. Not for a shard. */
  rollOut(batch: number, grid: StateGrid): RollOut {
    return this.#forecaster.rollOut(batch, grid);
  }

  /** A parameter as it is after all steps so far; of a shard, its part. */
  async parameter(name: string): Promise<{ readonly shape: Shape; readonly values: Float32Array }> {
    const entry = this.layout.entries.find(entry => entry.name === name);
    if (!entry) throw new Error(`the model has no parameter ${name}`);
    const { shape, offset, size } = entry;
    const [buffer] = this.spaces.parameters;
    return { shape, values: await readFloats(this.#gpu.device, buffer, 4 * offset, 4 * size) };
  }

  /** Bytes of all buffers, by space, of training and forecasting together. */
  bytesBySpace(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(allSpaces(this.#training.last.plan, this.#forecaster.plans)).map(([space, buffers]) => [
        space,
        buffers.reduce((sum, { bytes }) => sum + bytes, 0),
      ]),
    );
  }

  async snapshot<Label>(labelOf: (step: number) => Label): Promise<StateSnapshot<Label>> {
    const { label, values } = await this.#snapshots.take(() => labelOf(this.step));
    return { label, state: values };
  }

  /** Goes on from a state that a snapshot gave after `step` steps. */
  async writeState(state: TrainerState, step: number): Promise<void> {
    for (const [space, values] of Object.entries(state)) {
      this.#gpu.device.queue.writeBuffer(this.spaces[space][0], 0, values);
    }
    this.#training.step = step;
    this.losses.clear();
  }

  destroy(): void {
    this.#snapshots.destroy();
    this.#training.destroy();
    this.#forecaster.destroy();
    destroySpaces(this.spaces);
  }
}

const compiledFor = ({ model, frame, batch, optimizer, ...options }: TrainerOptions): RankPlans =>
  rankPlans({ model, frame }, batch, optimizer, options);
