/**
 * All ranks of a mesh in one thread and on one device, linked by message channels, and a small task for them. The
 * ranks share pipelines, which are slow to make on a software adapter; nothing else.
 */

import type { Gpu } from '../../../src/gpu/device.ts';
import type { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { type MeshShape, placeOf, ranksOf, single } from '../../../src/mesh/mesh.ts';
import { modelKind } from '../../../src/models/index.ts';
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import type { LinkMessage } from '../../../src/net/link-port.ts';
import { Links } from '../../../src/parallel/links.ts';
import { MeshTrainer } from '../../../src/parallel/mesh-trainer.ts';
import type { Program } from '../../../src/parallel/program.ts';
import { type ServedRank, serveRank } from '../../../src/parallel/rank.ts';
import { copyHolders, type ShardCopies } from '../../../src/parallel/shard-copies.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { cutShards } from '../../../src/tasks/forecast/supply.ts';
import type { ForecastTask } from '../../../src/tasks/forecast/task.ts';
import { trainSteps } from '../../../src/train/loop.ts';
import { freshPlateau, type ScheduleOptions } from '../../../src/train/schedule.ts';
import { makeDataset } from '../../node/data/fixtures.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { optimizer } from '../engine/small-run.ts';
import { testGpu } from '../gpu.ts';

/** Waves that drift, with a gap now and then: 16 x 12 points, 5 channels, one static field, 40 steps. */
export const task: ForecastTask = makeTask(
  makeDataset({
    steps: 40,
    stepHours: 6,
    channels: ['a', 'b', 'c', 'd', 'e'],
    latitude: Array.from({ length: 16 }, (_, i) => 84 - 11 * i),
    longitude: Array.from({ length: 12 }, (_, i) => 30 * i),
    statics: [Array.from({ length: 192 }, (_, i) => Math.sin(i))],
    value: (t, c, y, x) =>
      t % 7 === 3 && c === 1 && y === 4 && x === 5
        ? Number.NaN
        : Math.sin(0.5 * x + 0.3 * c - 0.4 * t) * Math.cos(0.4 * y + c) + 0.1 * c,
  }),
  {
    inputSteps: 2,
    leadSteps: 1,
    patch: [2, 3],
    split: { kind: 'fraction', train: 0.8, validation: 0.1 },
    normalisation: 'standard',
    harmonics: 0,
    seasonInputs: true,
  },
);

/** 8 rows of 4 patches; widths that 2 and 4 divide and 3 does not. */
export const model: WeatherMixerConfig = {
  channels: task.channels,
  statics: task.statics,
  inputSteps: 2,
  height: task.height,
  width: task.width,
  patch: [2, 3],
  embedding: 16,
  tokenHidden: 12,
  channelHidden: 20,
  blocks: 2,
  normGroups: 2,
  dropout: 0.1,
  latentSkip: 'concat',
  head: 'blend',
  rollout: 1,
};

export const schedule: ScheduleOptions = { kind: 'cosine', peak: 5e-3, floor: 1e-4, warmup: 5 };

export interface LocalMesh {
  readonly trainer: MeshTrainer;
  /** Links of every rank, by rank. */
  readonly links: readonly Links[];
  /** All ranks but the first. */
  readonly served: readonly ServedRank[];
  close(): void;
}

export interface LocalOptions extends Partial<Program> {
  readonly silenceMs?: number;
  /** Put between two ranks' ends of a link; both are the ranks' own if it is absent. */
  readonly between?: (a: number, b: number) => readonly [MessagePort, MessagePort];
  /** The device of a rank but the first; that of all where it gives none. */
  readonly deviceOf?: (rank: number) => { gpu: Gpu; pipelines: PipelineCache } | undefined;
  /** Where the ranks but the first keep their copies, all in one. */
  readonly copies?: ShardCopies;
}

/** Ports of every rank to every other. */
export function wire(
  ranks: number,
  between: (a: number, b: number) => readonly [MessagePort, MessagePort],
): ReadonlyMap<number, MessagePort>[] {
  const ports = Array.from({ length: ranks }, () => new Map<number, MessagePort>());
  for (let a = 0; a < ranks; a++) {
    for (let b = a + 1; b < ranks; b++) {
      const [first, second] = between(a, b);
      ports[a].set(b, first);
      ports[b].set(a, second);
    }
  }
  return ports;
}

/** A link with somebody in the middle, who passes on what `pass` makes of a message, if anything. */
export function tapped(
  a: number,
  b: number,
  pass: (message: LinkMessage, from: number, to: number) => LinkMessage | undefined,
): readonly [MessagePort, MessagePort] {
  const [first, second] = [new MessageChannel(), new MessageChannel()];
  const forward = (source: MessagePort, target: MessagePort, from: number, to: number) => {
    source.onmessage = ({ data }: MessageEvent<LinkMessage>) => {
      const passed = pass(data, from, to);
      if (passed !== undefined) target.postMessage(passed);
    };
  };
  forward(first.port2, second.port2, a, b);
  forward(second.port2, first.port2, b, a);
  return [first.port1, second.port1];
}

function channel(): readonly [MessagePort, MessagePort] {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2];
}

export async function localMesh(mesh: MeshShape, options: LocalOptions = {}): Promise<LocalMesh> {
  const { silenceMs, between = channel, deviceOf, copies, ...changes } = options;
  const { gpu, pipelines } = await testGpu();
  const ports = wire(ranksOf(mesh), between);
  const links = ports.map((own, rank) => new Links({ rank, ports: own, generation: 1, silenceMs }));
  const served: ServedRank[] = links
    .slice(1)
    .map(own => serveRank(async () => deviceOf?.(own.rank) ?? { gpu, pipelines }, own, { copies }));
  const program: Program = {
    run: 77,
    ...forecastJob(model, task.dataset.hasMissing),
    optimizer,
    schedule,
    steps: 1000,
    seed: 7,
    mesh,
    copyTo: copyHolders(mesh),
    globalBatch: 4,
    accumulate: 1,
    microBatches: 1,
    overlap: typicalMachine,
    ...changes,
  };
  const trainer = await MeshTrainer.create(
    gpu,
    pipelines,
    links[0],
    program,
    cutShards({ task, bytesRead: 0 }, { ...task.options, scoredStarts: 1, scoredSteps: [1] }, 'files', {
      blocksOf: () => blocksOf(program),
    }),
    () => freshPlateau,
  );
  return {
    trainer,
    links,
    served,
    close() {
      for (const rank of served) void rank.close();
      links[0].close();
      trainer.destroy();
    },
  };
}

function blocksOf({ model: { kind, config }, mesh }: Program) {
  const { block } = modelKind(kind);
  return Array.from({ length: ranksOf(mesh) }, (_, rank) => block(config, mesh, placeOf(mesh, rank)));
}

/** The same run on one rank. */
export async function wholeTrainer(globalBatch = 4, accumulate = 1): Promise<MeshTrainer> {
  const { trainer } = await localMesh(single, { globalBatch, accumulate, overlap: undefined });
  return trainer;
}

/** Trains `steps` steps and returns their losses; the ranks are held after the last. */
export async function train(trainer: MeshTrainer, steps: number): Promise<number[]> {
  const last = trainer.step + steps;
  const options = { batches: trainer.batches, schedule, steps: 1000, seed: 7, plateau: () => freshPlateau };
  await trainSteps(trainer, options, {
    before: step => (step > last ? undefined : step === last),
    after() {},
  });
  return trainer.losses.read();
}
