/**
 * A run as a project for PyTorch: all that decides it, as the settings that `templates/graduate/train.py` reads, and its data
 * beside them or where they lie.
 */
import type { DataChoice } from '../data/choice/choice.ts';
import { isBoxed } from '../data/choice/choice.ts';
import { syntheticTask } from '../data/choice/synthetic.ts';
import type { Progress } from '../data/dataset.ts';
import { DataError } from '../io/data-error.ts';
import { readSafetensors } from '../io/safetensors.ts';
import { ConfigError, type ModelConfig } from '../models/model.ts';
import type { ArraySink } from '../tasks/array-sink.ts';
import type { ClassifyOptions } from '../tasks/classify/options.ts';
import { type ProjectImages, projectImages } from '../tasks/classify/project-images.ts';
import {
  datedSplit,
  type FieldsRequest,
  type ProjectFields,
  projectFields,
} from '../tasks/forecast/project-fields.ts';
import { splitFor } from '../tasks/forecast/split.ts';
import type { ForecastOptions } from '../tasks/forecast/task.ts';
import { readCheckpointInfo } from '../train/checkpoint.ts';
import { CheckpointError } from '../train/checkpoint-error.ts';
import { loadKinds } from '../train/load-kinds.ts';
import type { CheckpointInfo } from '../train/trainer-state.ts';
import type { Preset } from './api/presets.ts';
import type { RunConfig } from './api/run-config.ts';
import { settingsOf } from './api/settings.ts';

export interface ProjectSettings extends Pick<Preset, 'optimizer' | 'schedule' | 'batch' | 'steps'> {
  readonly preset: string;
  readonly model: ModelConfig;
  readonly task: Preset['task'];
  readonly seed: number;
  /** Parts of a process's share of a batch that are computed one after the other. */
  readonly passes: number;
  /** Processes that compute the same as the run: norms over images are by a process's own. */
  readonly processes: number;
  readonly data: ProjectFields | ProjectImages;
}

export interface ProjectRequest {
  readonly config: Pick<RunConfig, 'preset' | 'steps' | 'seed' | 'overrides' | 'mesh'>;
  readonly choice: DataChoice;
  /** Where others find the data: paths or addresses. Empty for what is computed. */
  readonly paths: readonly string[];
  readonly embedded: FieldsRequest['embedded'];
  /** Copy fields whatever they are. */
  readonly copy: boolean;
  readonly checkpoint: Uint8Array;
  readonly sink: ArraySink;
  /** The folder that the sink writes to, as the project sees it. */
  readonly folder: string;
  readonly progress: Progress;
}

export interface Project {
  readonly settings: ProjectSettings;
  readonly info: CheckpointInfo;
  readonly notes: readonly string[];
}

/** @throws CheckpointError, ConfigError, DataError */
export async function makeProject(request: ProjectRequest): Promise<Project> {
  const { config, choice, checkpoint, sink, folder, progress } = request;
  const info = readCheckpointInfo(checkpoint);
  const { normalisation } = readSafetensors(checkpoint).metadata;
  if (normalisation === undefined) {
    throw new CheckpointError(
      'This checkpoint was put together from shards and does not say how its data were normalised: go on with the run for a step, and it will.',
    );
  }
  const preset = settingsOf(config);
  await loadKinds(preset.model.kind, preset.task.kind);
  const { kind } = preset.schedule;
  if (kind === 'plateau') {
    throw new ConfigError(
      'This run goes by its scores (a plateau schedule), which the project does not compute.',
    );
  }
  const { mesh = { rows: 1, columns: 1, replicas: 1 } } = config;
  const common = {
    preset: config.preset,
    model: info.model,
    optimizer: preset.optimizer,
    schedule: preset.schedule,
    batch: preset.batch,
    steps: config.steps,
    seed: info.seed,
    passes: (preset.accumulate ?? 1) * (mesh.microBatches ?? 1),
    processes: mesh.replicas,
  };
  const task = taskOf(preset, choice);
  if (task.kind === 'classify') {
    const data = await projectImages(choice, task.options, sink, folder, progress);
    checkNames(data.classes, info.channels);
    return { settings: { ...common, task, data }, info, notes: [] };
  }
  if (choice.kind !== 'embedded' && !isBoxed(choice))
    throw new DataError('These are images, and the run forecasts fields.');
  const { fields, record, note } = await projectFields({ ...request, choice });
  checkNames(
    fields.channels.map(({ name }) => name),
    info.channels,
  );
  const split = splitFor(record, task.options);
  const dated = split.kind === 'date' ? { ...split, ...datedSplit(split, fields.calendar) } : split;
  return {
    settings: { ...common, task: { ...task, options: { ...task.options, split: dated } }, data: fields },
    info,
    notes: note === undefined ? [] : [`The fields are copied into the project, for ${note}.`],
  };
}

type ProjectTask =
  | { readonly kind: 'forecast'; readonly options: ForecastOptions }
  | { readonly kind: 'classify'; readonly options: ClassifyOptions };

/** The task with its options as the run had them. */
function taskOf({ task: { kind, options } }: Preset, choice: DataChoice): ProjectTask {
  if (kind === 'classify') return { kind, options: options as ClassifyOptions };
  const own = options as ForecastOptions;
  return { kind: 'forecast', options: choice.kind === 'synthetic' ? { ...own, ...syntheticTask } : own };
}

function checkNames(there: readonly string[], wanted: readonly string[]): void {
  if (there.join('\n') === wanted.join('\n')) return;
  throw new DataError(
    `These are other data than the run was trained on: they have ${there.join(', ')}, and the model gives ${wanted.join(', ')}.`,
  );
}
