/**
 * Trains a model that lies in shards on the ranks of a mesh. It runs on rank 0, holds that rank's shard, and conducts
 * the others; to a session it looks like a trainer of the whole model.
 */
import { sliceTask, type TaskShard } from '../data/slice-task.ts';
import type { ForecastTask } from '../data/task.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import type { ParameterLayout } from '../graph/layout.ts';
import { dataBlockOf } from '../models/sharded-config.ts';
import { cutShard, putShard } from '../models/shards.ts';
import { inputChannelsOf } from '../models/weathermixer-config.ts';
import type { BatchSource } from '../train/batches.ts';
import type { LossLog } from '../train/loss-log.ts';
import { forecastPlan, wholeLayout } from '../train/plans.ts';
import type { PlateauState } from '../train/schedule.ts';
import type { Batch, ModelTrainer, TrainerState } from '../train/trainer.ts';
import { cutInput, putForecast } from './blocks.ts';
import type { Links } from './links.ts';
import { meshAt, placeOf, ranksOf } from './mesh.ts';
import {
  addTimes,
  noTimes,
  type Program,
  prepareShard,
  type RankTimes,
  type ShardRun,
  stepTimes,
} from './program.ts';

/** What a rank holds. */
export interface ShardBytes {
  /** Bytes of its buffers, by space. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Bytes of its part of the data. */
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
  /** The others are in their training loops. */
  #training = false;

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
    this.#times = stepTimes(links);
    this.#rankTimes = this.#ranks.map(() => []);
    links.answer((name, argument, from) => {
      if (name !== 'times') throw new Error(`rank 0 does not answer ${name}`);
      this.#rankTimes[from].push(argument as RankTimes);
      return null;
    });
  }

  /**
   * Gives every rank its part of the task, and compiles and allocates all shards.
   *
   * @param plateau the state of a plateau schedule whenever training goes on
   * @throws PeerError, and what `prepareShard` throws
   */
  static async create(
    gpu: Gpu,
    pipelines: PipelineCache,
    links: Links,
    program: Program,
    task: ForecastTask,
    plateau: () => PlateauState,
  ): Promise<MeshTrainer> {
    const { mesh, model } = program;
    const shardOf = (rank: number) => sliceTask(task, dataBlockOf(model, mesh, placeOf(mesh, rank)));
    const others = Array.from({ length: ranksOf(mesh) - 1 }, (_, i) => i + 1);
    const theirs = Promise.all(
      others.map(async rank => {
        const shard = shardOf(rank);
        const dataBytes = bytesOf(shard);
        const bytes = await links.call(rank, 'prepare', { program, shard });
        return { bytes: bytes as Record<string, number>, dataBytes };
      }),
    );
    // Awaited below; where the own shard fails first, theirs must not count as unhandled.
    theirs.catch(() => undefined);
    const shard = shardOf(0);
    const own = await prepareShard(gpu, pipelines, links, program, shard);
    try {
      const first = { bytes: own.trainer.bytesBySpace(), dataBytes: bytesOf(shard) };
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
  get batches(): BatchSource {
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
    return this.#own.trainer.batch;
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

  /** Milliseconds to every rank and back; undefined for the own one and where it is not known yet. */
  roundTrips(): (number | undefined)[] {
    return this.#ranks.map(rank => (rank === 0 ? undefined : this.#links.roundTripMs(rank)));
  }

  async reset(seed: number): Promise<void> {
    await Promise.all([
      this.#own.trainer.reset(seed),
      ...this.#others.map(rank => this.#links.call(rank, 'reset', seed)),
    ]);
  }

  async trainStep(batch: Batch, learningRate: number, seed: number, hold = false): Promise<void> {
    if (!this.#training) {
      for (const rank of this.#others) this.#links.notify(rank, 'train', { seed, plateau: this.#plateau() });
      this.#training = true;
    }
    await this.#own.trainer.trainStep(batch, learningRate, seed, hold);
    this.#times.add(this.#own.trainer);
    if (hold || this.step >= this.#own.program.steps) this.#training = false;
  }

  async predict(
    input: Float32Array<ArrayBuffer>,
    batch = this.forecastBatch,
  ): Promise<Float32Array<ArrayBuffer>> {
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

  async readState(): Promise<TrainerState> {
    const states = await Promise.all(
      this.#instance.map(async rank =>
        rank === 0
          ? this.#own.trainer.readState()
          : ((await this.#links.call(rank, 'readState')) as TrainerState),
      ),
    );
    return Object.fromEntries(
      this.stateSpaces.map(space => {
        const whole = new Float32Array(this.layout.floats);
        states.forEach((state, rank) => {
          putShard(this.#layouts[rank], state[space], this.layout, whole);
        });
        return [space, whole];
      }),
    );
  }

  async writeState(state: TrainerState, step: number): Promise<void> {
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

function bytesOf({ values, known, statics, lossWeight }: TaskShard): number {
  return values.byteLength + (known?.byteLength ?? 0) + statics.byteLength + lossWeight.byteLength;
}
