/**
 * Checkpoints: one safetensors file with parameters, optimizer state and climatology by name, and everything else
 * that a run needs to go on, as JSON in its metadata.
 */
import type { Normalisation } from '../data/task.ts';
import type { ParameterLayout } from '../graph/layout.ts';
import type { WeatherMixerConfig } from '../models/weathermixer-config.ts';
import { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.ts';
import type { PlateauState } from './schedule.ts';
import type { TrainerState } from './trainer.ts';

const FORMAT = 'isobar-checkpoint-1';

/** What a checkpoint holds beside the arrays. */
export interface CheckpointInfo {
  readonly preset: string;
  readonly model: WeatherMixerConfig;
  /** Names of the prognostic channels, in order. */
  readonly channels: readonly string[];
  readonly source: string;
  readonly seed: number;
  readonly step: number;
  readonly steps: number;
  readonly lossFirst: number;
  readonly lossLast: number;
  readonly plateau: PlateauState;
}

export interface Checkpoint {
  readonly info: CheckpointInfo;
  readonly state: TrainerState;
  readonly normalisation: Normalisation;
}

/** A file that is no checkpoint, or one of another model; the message says what differs. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

export function encodeCheckpoint(
  { info, state, normalisation }: Checkpoint,
  layout: ParameterLayout,
): Uint8Array<ArrayBuffer> {
  const { climatology, ...statistics } = normalisation;
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [space, flat] of Object.entries(state)) {
    for (const { name, shape, offset, size } of layout.entries) {
      tensors.set(`${space}/${name}`, { shape, values: flat.subarray(offset, offset + size) });
    }
  }
  tensors.set('climatology', { shape: [climatology.length], values: climatology });
  return writeSafetensors(tensors, {
    format: FORMAT,
    info: JSON.stringify(info),
    normalisation: JSON.stringify(statistics),
  });
}

/** What the file says of itself, before anything is compiled. @throws CheckpointError */
export function readCheckpointInfo(bytes: Uint8Array): CheckpointInfo {
  return parsed(bytes).info;
}

/**
 * @throws CheckpointError where the file is none of ours, or of a model other than `model` with the spaces `spaces`
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  model: WeatherMixerConfig,
  layout: ParameterLayout,
  spaces: readonly string[],
): Checkpoint {
  const { info, statistics, tensors } = parsed(bytes);
  const differences = (Object.keys(model) as (keyof WeatherMixerConfig)[])
    .filter(key => key !== 'dropout' && String(info.model[key]) !== String(model[key]))
    .map(key => `${key} ${info.model[key]} instead of ${model[key]}`);
  if (differences.length > 0) {
    throw new CheckpointError(`This checkpoint is of another model: it has ${differences.join(', ')}.`);
  }
  const state = Object.fromEntries(
    spaces.map(space => {
      const flat = new Float32Array(layout.floats);
      for (const { name, size, offset } of layout.entries) {
        const tensor = tensors.get(`${space}/${name}`);
        if (tensor?.values.length !== size) {
          throw new CheckpointError(
            `This checkpoint lacks ${space} of ${name}, or has it in another size: it was made with another optimizer.`,
          );
        }
        flat.set(tensor.values, offset);
      }
      return [space, flat];
    }),
  );
  const climatology = Float32Array.from(tensors.get('climatology')?.values ?? []);
  return { info, state, normalisation: { ...statistics, climatology } };
}

function parsed(bytes: Uint8Array) {
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    if (metadata.format !== FORMAT) {
      throw new CheckpointError(
        'This file is not a checkpoint of Isobar: it is a safetensors file of another kind.',
      );
    }
    const info = JSON.parse(metadata.info) as CheckpointInfo;
    const statistics = JSON.parse(metadata.normalisation) as Omit<Normalisation, 'climatology'>;
    return { info, statistics, tensors };
  } catch (error) {
    if (error instanceof SafetensorsError)
      throw new CheckpointError(`This file is not a checkpoint of Isobar. ${error.message}`);
    throw error;
  }
}
