/** Runs of our own engine, for a project to go on from: some steps, a checkpoint in a run's folder, and the losses after it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainSettings } from '../../../src/cli/arguments.ts';
import type { DataChoice } from '../../../src/data/choice/choice.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import type { PipelineCache } from '../../../src/gpu/pipelines.ts';
import type { ModelConfig } from '../../../src/models/model.ts';
import { modelFor } from '../../../src/session/api/fitted-model.ts';
import { settingsOf } from '../../../src/session/api/settings.ts';
import { taskKind } from '../../../src/tasks/index.ts';
import { batchesOf } from '../../../src/train/batches.ts';
import { encodeCheckpoint } from '../../../src/train/checkpoint.ts';
import { loadKinds } from '../../../src/train/load-kinds.ts';
import { freshPlateau, learningRateAt } from '../../../src/train/schedule.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import type { TrainerState } from '../../../src/train/trainer-state.ts';

/** Steps before the checkpoint, and those that a project is held against. */
export const BEFORE = 4;
export const COMPARED = 10;

export interface OwnRun {
  readonly trainer: Trainer;
  readonly model: ModelConfig;
  readonly losses: readonly number[];
  /** After them. */
  readonly state: TrainerState;
  /** What the checkpoint is, for other folders. */
  readonly checkpoint: Uint8Array;
  /** Opened data, as rank 0 keeps them. */
  readonly kept: unknown;
}

/** @param changes of the model's config */
export async function ownRun(
  gpu: Gpu,
  pipelines: PipelineCache,
  settings: TrainSettings,
  choice: DataChoice,
  changes: object = {},
): Promise<OwnRun> {
  const preset = settingsOf(settings);
  await loadKinds(preset.model.kind, preset.task.kind);
  const { batch, accumulate, schedule, steps, optimizer } = preset;
  const task = taskKind(preset.task.kind);
  const { data } = await task.open(choice, preset.task.options, {
    ranks: 1,
    instance: 1,
    blocksOf: () => [{}],
    ask: rank => Promise.reject(new Error(`there is no rank ${rank}`)),
    memory: Number.POSITIVE_INFINITY,
    progress: () => undefined,
  });
  const { frame, names, normalisation, source } = data.task;
  const fitted = modelFor(preset, frame);
  const model = { ...fitted, config: { ...Object(fitted.config), ...changes } };
  const { seed } = settings;
  const options = { model, frame, optimizer, batch, accumulate, seed };
  const trainer = await Trainer.create(gpu, pipelines, options);
  const shard = task.openShard(data.own);
  trainer.setConstants(shard.constants);
  const batches = batchesOf(shard, frame.inputs, { batch, globalBatch: batch, offset: 0 });
  const train = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const step = trainer.step + 1;
      const arrays = batches.allocate();
      for (let sample = 0; sample < batch; sample++) await batches.fill(arrays, sample, step, seed);
      await trainer.trainStep(arrays, learningRateAt(schedule, step, steps), seed);
    }
    return trainer.losses.read();
  };
  const before = await train(BEFORE);
  const info = {
    preset: settings.preset,
    model,
    channels: names,
    source,
    seed,
    step: BEFORE,
    steps,
    lossFirst: before[0],
    lossLast: before[BEFORE - 1],
    plateau: freshPlateau,
    savedAt: 1,
  };
  const { state } = await trainer.snapshot(() => undefined);
  const checkpoint = encodeCheckpoint({ info, state: await state, normalisation }, trainer.layout);
  const losses = await train(COMPARED);
  const after = await trainer.snapshot(() => undefined);
  return { trainer, model, checkpoint, losses, state: await after.state, kept: data.kept };
}

/** The folder of a run, as `npm run train` leaves it. */
export function runFolder(folder: string, settings: TrainSettings, checkpoint: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(settings));
  writeFileSync(join(folder, 'checkpoint.safetensors'), checkpoint);
  return folder;
}
