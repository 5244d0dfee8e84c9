/**
 * Trains a model that lies in shards on the ranks of a mesh. It runs on rank 0, holds that rank's shard, and conducts
 * the others; to a session it looks like a trainer of the whole model. On a mesh of one rank that shard is the whole, and
 * nobody is called, waited for, or kept in turn.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { meshAt, ranksOf } from '../mesh/mesh.ts';
import { FrameError } from '../net/frame-error.ts';
import { inSpace, type ParameterLayout } from '../plan/layout.ts';
import { type Look, type Looked, lookFault, poolsOf } from '../plan/look.ts';
import type { Plan } from '../plan/plan.ts';
import type { StepTrace } from '../plan/trace.ts';
import type { RollOut, StateGrid } from '../tasks/predictor.ts';
import type { Batch, ShardReads } from '../tasks/task.ts';
import type { BatchFeed } from '../train/batch-feed.ts';
import type { LossLog } from '../train/loss-log.ts';
import type { StateSnapshot } from '../train/model-trainer.ts';
import { lowered, plansOf, type RankPlans, shardLayout, wholeLayout } from '../train/plans.ts';
import type { PlateauState } from '../train/schedule.ts';
import type { Trainer } from '../train/trainer.ts';
import type { CheckpointLabel, TrainerState } from '../train/trainer-state.ts';
import { type CallsOver, callsOver } from './calls-over.ts';
import { predictInShards } from './mesh-prediction.ts';
import {
  addTimes,
  noTimes,
  type Program,
  plansOfRank,
  prepareShard,
  type RankTimes,
  type ShardBytes,
  type ShardRun,
  shardBytes,
  stepTimes,
  tableOf,
} from './program.ts';
import type { ShardCalls } from './rank-calls.ts';
import type { ShardSupply } from './rank-data.ts';
import type { RankLinks } from './rank-links.ts';
import { SampledSteps } from './sampled-steps.ts';
import { shardCalls, snapshotShard } from './shard-calls.ts';
import { assembleShards, copyCalls, createShardCopies, type ShardCopy } from './shard-copies.ts';
import { cutShard } from './shards.ts';
import { chooseForms, formsOfRun, type Tuning } from './tuning.ts';

/** A look at a plan of a rank. */
export interface RankLook extends Look {
  readonly rank: number;
}

export interface TuningOptions {
  /** Of rank 0: how it finds the fastest forms of products; absent: they are the usual ones. */
  readonly tuning?: Tuning;
  /** Told which share of its products rank 0 has measured, where there are any to measure. */
  readonly onTuning?: (fraction: number) => void;
}

export class MeshTrainer {
  /** Of the whole model: but for batches, all that it takes and gives is the whole model's. */
  readonly layout: ParameterLayout;
  readonly shards: readonly ShardBytes[];
  readonly #links: RankLinks;
  readonly #calls: CallsOver;
  /** By rank: what each does with its shard. */
  readonly #shardCalls: readonly ShardCalls[];
  readonly #own: ShardRun;
  readonly #layouts: readonly ParameterLayout[];
  readonly #plateau: () => PlateauState;
  readonly #times: ReturnType<typeof stepTimes>;
  readonly #rankTimes: RankTimes[][];
  readonly #copies = createShardCopies();
  readonly #warnings: string[] = [];
  /** Of other ranks, from when they were first asked for. */
  readonly #plans = new Map<number, readonly Plan[]>();
  readonly #traces: SampledSteps;
  /** The others are in their training loops. */
  #training = false;
  /** What is being done: every rank has its part in it, so one thing is done after the other. */
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(
    links: RankLinks,
    calls: CallsOver,
    own: ShardRun,
    shards: readonly ShardBytes[],
    plateau: () => PlateauState,
    traces: SampledSteps,
  ) {
    this.#traces = traces;
    const { model, mesh } = own.program;
    this.#links = links;
    this.#calls = calls;
    this.#own = own;
    this.shards = shards;
    this.#plateau = plateau;
    this.layout = wholeLayout(model);
    this.#layouts = this.#ranks.map(rank =>
      rank === 0 ? own.trainer.layout : shardLayout(model, meshAt(mesh, rank)),
    );
    this.#times = stepTimes(links, own.batches, own.reads);
    this.#rankTimes = this.#ranks.map(() => []);
    this.#shardCalls = this.#ranks.map(rank => (rank === 0 ? shardCalls(own) : calls.to(rank)));
    calls.serve({
      times: (times, from) => void this.#rankTimes[from].push(times),
      warning: (message, from) => this.#warn(from, message),
      traces: (traces, from) => this.#traces.add(traces, from),
      keepCopy: copy => this.#copies.put(copy),
      ...copyCalls(this.#copies),
    });
  }

  /**
   * Gives every rank its part of the data, and compiles and allocates all shards.
   *
   * @param plateau the state of a plateau schedule whenever training goes on
   * @throws PeerError, and what `prepareShard` throws
   */
  static async create(
    gpu: Gpu,
    pipelines: PipelineCache,
    links: RankLinks,
    begun: Program,
    supply: ShardSupply,
    plateau: () => PlateauState,
    { tuning, onTuning }: TuningOptions = {},
  ): Promise<MeshTrainer> {
    let plans: RankPlans | undefined;
    const compiled = () => {
      plans = plansOfRank(begun, 0);
      return plansOf(plans);
    };
    const calls = await callsOver(links);
    // They compile and measure meanwhile.
    const others = supply.others.map((_, i) => calls.to(i + 1).tune(begun));
    const first = chooseForms({ gpu, pipelines }, begun.forms, compiled, tuning, onTuning);
    const chosen = await Promise.all([first, ...others]);
    const program = { ...begun, forms: formsOfRun(chosen, begun.forms) };
    const theirs = Promise.all(
      supply.others.map(async (command, i) => {
        return calls.to(i + 1).prepare({ program, task: program.frame.task, command: command() });
      }),
    );
    // Awaited below; where the own shard fails first, theirs must not count as unhandled.
    theirs.catch(() => undefined);
    const traces = new SampledSteps(ranksOf(program.mesh), program.accumulate);
    const own = await prepareShard(gpu, pipelines, links, program, supply.data.own, {
      plans,
      tuning,
      onTraces: own => traces.add(own, 0),
    });
    try {
      const trainer = new MeshTrainer(
        links,
        calls,
        own,
        [shardBytes(own), ...(await theirs)],
        plateau,
        traces,
      );
      chosen.forEach((of, rank) => {
        for (const message of of?.warnings ?? []) trainer.#warn(rank, message);
      });
      return trainer;
    } catch (error) {
      own.trainer.destroy();
      throw error;
    }
  }

  #warn(rank: number, message: string): void {
    this.#warnings.push(this.alone ? message : `Rank ${rank}: ${message}`);
  }

  readonly #keep = (copy: ShardCopy, holder: number): void => {
    this.#calls.to(holder).keepCopy(copy);
    void this.#copies.put(copy);
  };

  get #ranks(): number[] {
    return Array.from({ length: ranksOf(this.#own.program.mesh) }, (_, rank) => rank);
  }

  /** Ranks of the first replica: together they hold the model once. */
  get #instance(): number[] {
    const { rows, columns } = this.#own.program.mesh;
    return this.#ranks.slice(0, rows * columns);
  }

  get program(): Program {
    return this.#own.program;
  }

  /** One rank: nobody runs ahead of it, or has to be told what it does. */
  get alone(): boolean {
    return ranksOf(this.#own.program.mesh) === 1;
  }

  /** Of rank 0: its part of every batch. */
  /** What rank 0 has read so far of data that are read while the model trains. */
  get reads(): ShardReads | undefined {
    return this.#own.reads;
  }

  get batches(): BatchFeed {
    return this.#own.batches;
  }

  get losses(): LossLog {
    return this.#own.trainer.losses;
  }

  get step(): number {
    return this.#own.trainer.step;
  }

  get gpuBusySeconds(): number {
    return this.#own.trainer.gpuBusySeconds;
  }

  /** Samples of the larger forecasts. */
  get forecastBatch(): number {
    return this.#own.trainer.forecastBatch;
  }

  /** Spaces of the parameters and the optimizer's state: the keys of a `TrainerState`. */
  get stateSpaces(): readonly string[] {
    return this.#own.trainer.stateSpaces;
  }

  /** True where no rank runs ahead: the model can be read, and used for forecasts. */
  get held(): boolean {
    return !this.#training;
  }

  /** Kernels of one training step, on rank 0. */
  get dispatches(): number {
    return this.#own.trainer.dispatches;
  }

  /** What every rank reported since the last call: sums over its steps. */
  takeTimes(): RankTimes[] {
    const own = this.#times.take();
    return this.#rankTimes.map((reports, rank) => {
      const all = rank === 0 ? [own] : reports.splice(0);
      return all.reduce(addTimes, noTimes);
    });
  }

  /** What ranks had to say since the last call, for people; training goes on. */
  takeWarnings(): string[] {
    return this.#warnings.splice(0);
  }

  /** What all ranks left behind of the newest sampled step, once; undefined where there is nothing new. */
  takeTraces(): readonly StepTrace[] | undefined {
    return this.#traces.take();
  }

  /** The plans that a rank runs in a step, the last first. */
  plansOf(rank: number): readonly Plan[] {
    const { trainer, program } = this.#own;
    if (rank === 0) return passesOf(trainer.plan, trainer.earlierPlan);
    const known = this.#plans.get(rank);
    if (known) return known;
    const { training } = plansOfRank(program, rank);
    const { plan, earlierPass } = lowered(training, tableOf(this.shards[rank].forms));
    const plans = passesOf(plan, earlierPass);
    this.#plans.set(rank, plans);
    return plans;
  }

  /**
   * Values of operands of what the next step would compute, up to its update, on all ranks together. Nothing of the model
   * changes: later steps are the same to the last bit.
   *
   * @param looks at the last of a rank's `plansOf`, the plan of a step's first pass
   * @throws Error where a plan has no such operands; nobody has begun then
   */
  async look(looks: readonly RankLook[], seed: number): Promise<Looked[]> {
    const of = this.#ranks.map(rank => looks.filter(look => look.rank === rank));
    for (const { rank } of looks) {
      if (!(rank in of)) throw new Error(`rank ${rank} cannot be looked at: the run has ${of.length}`);
    }
    of.forEach((own, rank) => {
      const fault = own.length > 0 ? lookFault(this.plansOf(rank).at(-1)!, own) : undefined;
      if (fault !== undefined) throw new Error(fault);
    });
    const answers = await this.#inTurn(async () => {
      const step = this.step + 1;
      return Promise.all(
        this.#shardCalls.map(async (shard, rank) => {
          const seen = await shard.look({ step, seed, looks: of[rank] });
          of[rank].forEach((look, i) => {
            const { rows, columns } = poolsOf(look);
            this.#checkLength(rank, 'an operand', seen[i]?.values, rows * columns);
          });
          return seen;
        }),
      );
    });
    return looks.map(look => answers[look.rank][of[look.rank].indexOf(look)]);
  }

  /**
   * Runs the next step up to its update on all ranks together, as a sample. Nothing of the model changes, as with `look`.
   *
   * @returns a trace for every rank and pass; undefined where one of them leaves none
   */
  async rehearse(seed: number): Promise<readonly StepTrace[] | undefined> {
    const told = await this.#inTurn(() => {
      const step = this.step + 1;
      return Promise.all(this.#shardCalls.map(shard => shard.rehearse({ step, seed })));
    });
    const { accumulate } = this.program;
    // What a rank says of itself; that of others is not its to tell.
    const own = told.map((traces, rank) => traces.filter(trace => trace.rank === rank));
    return own.every(({ length }) => length === accumulate) ? own.flat() : undefined;
  }

  /** Milliseconds to every rank and back; undefined for the own one and where it is not known yet. */
  roundTrips(): (number | undefined)[] {
    return this.#ranks.map(rank => (rank === 0 ? undefined : this.#links.roundTripMs(rank)));
  }

  /** Tells the others why no further step follows, where they wait for one. Other ranks must be linked anew then. */
  abandon(error: Error): void {
    if (this.#training) this.#links.fail(error);
  }

  /** Does what needs every rank, after what was asked for before; where it goes wrong half-way, all ranks stop. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    // The device's own queue keeps the order.
    if (this.alone) return work();
    const result = this.#busy.then(work).catch((error: Error) => {
      throw this.#links.fail(error);
    });
    this.#busy = result.catch(() => undefined);
    return result;
  }

  /** Draws the parameters anew and forgets the optimizer's state. */
  reset(seed: number): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all(this.#shardCalls.map(shard => shard.reset(seed)));
    });
  }

  /**
   * @param batch rank 0's part of it
   * @param hold after this step something else follows than another one
   */
  trainStep(batch: Batch, learningRate: number, seed: number, hold = false): Promise<void> {
    return this.#inTurn(() => this.#trainStep(batch, learningRate, seed, hold));
  }

  async #trainStep(batch: Batch, learningRate: number, seed: number, hold: boolean): Promise<void> {
    if (!this.#training && !this.alone) {
      for (const rank of this.#ranks.slice(1)) {
        this.#calls.to(rank).train({ seed, plateau: this.#plateau() });
      }
      this.#training = true;
    }
    await this.#own.trainer.trainStep(batch, learningRate, seed, hold);
    this.#times.add(this.#own.trainer);
    if (hold || this.step >= this.#own.program.steps) this.#training = false;
  }

  /** @param batch 1 or `forecastBatch` */
  predict(input: Float32Array<ArrayBuffer>, batch = this.forecastBatch): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(() => this.#predict(input, batch));
  }

  async #predict(input: Float32Array<ArrayBuffer>, batch: number): Promise<Float32Array<ArrayBuffer>> {
    if (this.alone) return this.#shardCalls[0].predict({ input, batch });
    const shards = this.#instance.map(rank => this.#shardCalls[rank]);
    return predictInShards(this.#own.program, shards, input, batch, (rank, part, length) =>
      this.#checkLength(rank, 'a prediction', part, length),
    );
  }

  /**
   * Forecasts that are fed their own on the device, in batches of 1 or `forecastBatch`; undefined where the model lies
   * in shards, whose forecasts meet on the host.
   */
  rollOut(batch: number, grid: StateGrid): RollOut | undefined {
    return this.alone ? this.#own.trainer.rollOut(batch, grid) : undefined;
  }

  /** A parameter that is whole on every rank. */
  parameter(name: string): ReturnType<Trainer['parameter']> {
    return this.#own.trainer.parameter(name);
  }

  /** The larger of all ranks' bytes: what a device must have. */
  bytesBySpace(): Record<string, number> {
    const total = (bytes: Readonly<Record<string, number>>) =>
      Object.values(bytes).reduce((sum, value) => sum + value, 0);
    const all = this.shards.map(({ bytes }) => bytes);
    return { ...all.reduce((most, bytes) => (total(bytes) > total(most) ? bytes : most)) };
  }

  /**
   * The state after all steps so far, of one moment: between two steps, when no rank runs ahead. Resolves when that
   * moment is over: training may go on, and the values follow.
   *
   * @param labelOf called at that moment with the steps done; ranks keep the state as a checkpoint where it gives a label
   */
  async snapshot<Label extends CheckpointLabel | undefined>(
    labelOf: (step: number) => Label,
  ): Promise<StateSnapshot<Label>> {
    if (this.alone) return this.#own.trainer.snapshot(labelOf);
    const { label, states } = await this.#inTurn(async () => {
      const label = labelOf(this.step);
      // Every rank does what it is called for in turn: it copies before it takes a further step.
      const theirs = this.#instance.slice(1).map(rank => this.#calls.to(rank).readState(label ?? null));
      const own = snapshotShard(this.#own, 0, label, this.#keep);
      const states = Promise.all([own.then(({ state }) => state), ...theirs]);
      // Awaited below; where the own copy fails first, theirs must not count as unhandled.
      states.catch(() => undefined);
      await own;
      return { label, states };
    });
    const state = states
      .then(values => this.#assembled(values))
      .catch((error: Error) => {
        throw this.#links.fail(error);
      });
    state.catch(() => undefined);
    return { label, state };
  }

  /** @throws PeerError where a rank gave another state than its shard's */
  #assembled(states: readonly TrainerState[]): TrainerState {
    states.forEach((state, rank) => {
      for (const space of this.stateSpaces) {
        this.#checkLength(rank, space, state[space], inSpace(this.#layouts[rank], space).floats);
      }
    });
    return assembleShards(states, this.#layouts, this.layout);
  }

  /** @throws PeerError */
  #checkLength(rank: number, what: string, values: Float32Array | undefined, length: number): void {
    if (values?.length === length) return;
    const found = values ? `${values.length} values` : 'none';
    throw this.#links.blame(rank, new FrameError(`${found} of ${what}; ${length} were expected`));
  }

  /** Goes on from a state that a snapshot gave after `step` steps. */
  writeState(state: TrainerState, step: number): Promise<void> {
    return this.#inTurn(() => this.#writeState(state, step));
  }

  async #writeState(state: TrainerState, step: number): Promise<void> {
    await Promise.all(
      this.#ranks.map(async rank => {
        const own = Object.fromEntries(
          Object.entries(state).map(([space, whole]) => [
            space,
            cutShard(this.#layouts[rank], this.layout, space, whole),
          ]),
        );
        await this.#shardCalls[rank].writeState({ state: own, step });
      }),
    );
  }

  destroy(): void {
    this.#own.trainer.destroy();
  }
}

const passesOf = (last: Plan, earlier: Plan | undefined): Plan[] => (earlier ? [last, earlier] : [last]);
