/**
 * Trains a model that lies in shards on the ranks of a mesh. It runs on rank 0, holds that rank's shard, and conducts
 * the others; to a session it looks like a trainer of the whole model.
 */
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { meshAt, placeOf, ranksOf } from '../mesh/mesh.ts';
import { dataBlockOf } from '../models/sharded-config.ts';
import { inputChannelsOf } from '../models/weathermixer-config.ts';
import type { ParameterLayout } from '../plan/layout.ts';
import type { BatchFeed } from '../train/batch-feed.ts';
import type { LossLog } from '../train/loss-log.ts';
import type { Batch, ModelTrainer, StateSnapshot } from '../train/model-trainer.ts';
import { forecastPlan, wholeLayout } from '../train/plans.ts';
import type { PlateauState } from '../train/schedule.ts';
import type { CheckpointLabel, TrainerState } from '../train/trainer-state.ts';
import { cutInput, putForecast } from './blocks.ts';
import type { Links } from './links.ts';
import {
  addTimes,
  noTimes,
  type Program,
  prepareShard,
  type RankTimes,
  type ShardRun,
  stepTimes,
} from './program.ts';
import { bytesOfShard, type ShardSupply } from './rank-data.ts';
import {
  assembleShards,
  createShardCopies,
  keepShard,
  type ShardCopy,
  type ShardHeading,
} from './shard-copies.ts';
import { cutShard } from './shards.ts';

/** What a rank holds. */
export interface ShardBytes {
  /** Bytes of its buffers, by space. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Bytes of its part of the data, in memory. */
  readonly dataBytes: number;
}

export class MeshTrainer implements ModelTrainer {
  readonly layout: ParameterLayout;
  readonly shards: readonly ShardBytes[];
  readonly #links: Links;
  readonly #own: ShardRun;
  readonly #layouts: readonly ParameterLayout[];
  readonly #plateau: () => PlateauState;
  readonly #times: ReturnType<typeof stepTimes>;
  readonly #rankTimes: RankTimes[][];
  readonly #copies = createShardCopies();
  readonly #warnings: string[] = [];
  /** The others are in their training loops. */
  #training = false;
  /** What is being done: every rank has its part in it, so one thing is done after the other. */
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(
    links: Links,
    own: ShardRun,
    shards: readonly ShardBytes[],
    plateau: () => PlateauState,
  ) {
    const { model, mesh } = own.program;
    this.#links = links;
    this.#own = own;
    this.shards = shards;
    this.#plateau = plateau;
    this.layout = wholeLayout(model);
    this.#layouts = this.#ranks.map(rank =>
      rank === 0 ? own.trainer.layout : forecastPlan(model, 1, meshAt(mesh, rank)).layout,
    );
    this.#times = stepTimes(links, own.batches);
    this.#rankTimes = this.#ranks.map(() => []);
    links.answer((name, argument, from) => {
      switch (name) {
        case 'times':
          this.#rankTimes[from].push(argument as RankTimes);
          return null;
        case 'keepCopy':
          return this.#copies.put(argument as ShardCopy);
        case 'copies':
          return this.#copies.headings();
        case 'readCopy':
          return this.#copies.read(argument as ShardHeading);
        case 'warning':
          this.#warnings.push(`Rank ${from}: ${argument}`);
          return null;
        default:
          throw new Error(`rank 0 does not answer ${name}`);
      }
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
    links: Links,
    program: Program,
    supply: ShardSupply,
    plateau: () => PlateauState,
  ): Promise<MeshTrainer> {
    const others = Array.from({ length: ranksOf(program.mesh) - 1 }, (_, i) => i + 1);
    const theirs = Promise.all(
      others.map(async rank => {
        const command = { program, ...supply.commandFor(rank) };
        return (await links.call(rank, 'prepare', command)) as ShardBytes;
      }),
    );
    // Awaited below; where the own shard fails first, theirs must not count as unhandled.
    theirs.catch(() => undefined);
    const own = await prepareShard(gpu, pipelines, links, program, supply.own);
    try {
      const first = { bytes: own.trainer.bytesBySpace(), dataBytes: bytesOfShard(supply.own) };
      return new MeshTrainer(links, own, [first, ...(await theirs)], plateau);
    } catch (error) {
      own.trainer.destroy();
      throw error;
    }
  }

  get #ranks(): number[] {
    return Array.from({ length: ranksOf(this.#own.program.mesh) }, (_, rank) => rank);
  }

  get #others(): number[] {
    return this.#ranks.slice(1);
  }

  /** Ranks of the first replica: together they hold the model once. */
  get #instance(): number[] {
    const { rows, columns } = this.#own.program.mesh;
    return this.#ranks.slice(0, rows * columns);
  }

  /** Of rank 0: its part of every batch. */
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

  get batch(): number {
    return this.#own.program.globalBatch;
  }

  get forecastBatch(): number {
    return this.#own.trainer.forecastBatch;
  }

  get stateSpaces(): readonly string[] {
    return this.#own.trainer.stateSpaces;
  }

  get held(): boolean {
    return !this.#training;
  }

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
    const result = this.#busy.then(work).catch((error: Error) => {
      throw this.#links.fail(error);
    });
    this.#busy = result.catch(() => undefined);
    return result;
  }

  reset(seed: number): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all([
        this.#own.trainer.reset(seed),
        ...this.#others.map(rank => this.#links.call(rank, 'reset', seed)),
      ]);
    });
  }

  trainStep(batch: Batch, learningRate: number, seed: number, hold = false): Promise<void> {
    return this.#inTurn(() => this.#trainStep(batch, learningRate, seed, hold));
  }

  async #trainStep(batch: Batch, learningRate: number, seed: number, hold: boolean): Promise<void> {
    if (!this.#training) {
      for (const rank of this.#others) this.#links.notify(rank, 'train', { seed, plateau: this.#plateau() });
      this.#training = true;
    }
    await this.#own.trainer.trainStep(batch, learningRate, seed, hold);
    this.#times.add(this.#own.trainer);
    if (hold || this.step >= this.#own.program.steps) this.#training = false;
  }

  predict(input: Float32Array<ArrayBuffer>, batch = this.forecastBatch): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(() => this.#predict(input, batch));
  }

  async #predict(input: Float32Array<ArrayBuffer>, batch: number): Promise<Float32Array<ArrayBuffer>> {
    const { model, mesh } = this.#own.program;
    const inputGrid = { channels: inputChannelsOf(model), height: model.height, width: model.width };
    const outputGrid = { channels: model.channels, height: model.height, width: model.width };
    const forecast = new Float32Array(batch * model.channels * model.height * model.width);
    await Promise.all(
      this.#instance.map(async rank => {
        const block = dataBlockOf(model, mesh, placeOf(mesh, rank));
        const own = cutInput(input, inputGrid, block, batch);
        const part =
          rank === 0
            ? await this.#own.trainer.predict(own, batch)
            : ((await this.#links.call(rank, 'predict', { input: own, batch })) as Float32Array);
        putForecast(part, outputGrid, block, batch, forecast);
      }),
    );
    return forecast;
  }

  /** The larger of all ranks' bytes: what a device must have. */
  bytesBySpace(): Record<string, number> {
    const total = (bytes: Readonly<Record<string, number>>) =>
      Object.values(bytes).reduce((sum, value) => sum + value, 0);
    const all = this.shards.map(({ bytes }) => bytes);
    return { ...all.reduce((most, bytes) => (total(bytes) > total(most) ? bytes : most)) };
  }

  /** Between two steps, when no rank runs ahead; what the ranks have read travels while training goes on. */
  async snapshot<Label extends CheckpointLabel | undefined>(
    labelOf: (step: number) => Label,
  ): Promise<StateSnapshot<Label>> {
    const { label, states } = await this.#inTurn(async () => {
      const label = labelOf(this.step);
      // Every rank does what it is called for in turn: it copies before it takes a further step.
      const theirs = this.#instance
        .slice(1)
        .map(async rank => (await this.#links.call(rank, 'readState', label)) as TrainerState);
      const own = this.#readOwnState(label);
      const states = Promise.all([own.then(({ state }) => state), ...theirs]);
      // Awaited below; where the own copy fails first, theirs must not count as unhandled.
      states.catch(() => undefined);
      await own;
      return { label, states };
    });
    const state = states
      .then(values => assembleShards(values, this.#layouts, this.layout))
      .catch((error: Error) => {
        throw this.#links.fail(error);
      });
    state.catch(() => undefined);
    return { label, state };
  }

  /** Resolves when the copy is made. */
  async #readOwnState(label: CheckpointLabel | undefined): Promise<{ state: Promise<TrainerState> }> {
    const { program, trainer } = this.#own;
    const { state } = await trainer.snapshot(() => label);
    return {
      state: state.then(async values => {
        if (label) await keepShard(this.#copies, this.#links, program, label, values);
        return values;
      }),
    };
  }

  writeState(state: TrainerState, step: number): Promise<void> {
    return this.#inTurn(() => this.#writeState(state, step));
  }

  async #writeState(state: TrainerState, step: number): Promise<void> {
    await Promise.all(
      this.#ranks.map(async rank => {
        const own = Object.fromEntries(
          Object.entries(state).map(([space, whole]) => [
            space,
            cutShard(this.#layouts[rank], this.layout, whole),
          ]),
        );
        if (rank === 0) await this.#own.trainer.writeState(own, step);
        else await this.#links.call(rank, 'writeState', { state: own, step });
      }),
    );
  }

  destroy(): void {
    this.#own.trainer.destroy();
  }
}
