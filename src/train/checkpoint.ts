/**
 * Checkpoints: one safetensors file with parameters, optimizer state and normalisation by name, and everything else
 * that a run needs to go on, as JSON in its metadata.
 */
import * as v from 'valibot';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../io/safetensors.ts';
import { modelKind } from '../models/index.ts';
import type { ModelConfig } from '../models/model.ts';
import { modelConfigSchema } from '../models/schemas.ts';
import { weatherMixerOutline } from '../models/weathermixer-outline.ts';
import { weatherMixerSchema } from '../models/weathermixer-schema.ts';
import { inSpace, type ParameterLayout, STATE_SPACE } from '../plan/layout.ts';
import type { SavedNormalisation } from '../tasks/task.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { formsByAdapterSchema } from './read-forms.ts';
import type { CheckpointInfo, TrainerState } from './trainer-state.ts';

const FORMAT = 'isobar-checkpoint-2';
/** Of the time when all models were WeatherMixers: the config stands where the model is. */
const FORMAT_1 = 'isobar-checkpoint-1';

export interface Checkpoint {
  readonly info: CheckpointInfo;
  readonly state: TrainerState;
  /** Absent where the checkpoint was put together from shards: it is known again once the data are read. */
  readonly normalisation?: SavedNormalisation;
}

export function encodeCheckpoint(
  { info, state, normalisation }: Checkpoint,
  layout: ParameterLayout,
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [space, flat] of Object.entries(state)) {
    for (const { name, shape, offset, size } of inSpace(layout, space).entries) {
      tensors.set(`${space}/${name}`, { shape, values: flat.subarray(offset, offset + size) });
    }
  }
  const metadata = { format: FORMAT, info: JSON.stringify(info) };
  if (!normalisation) return writeSafetensors(tensors, metadata);
  const { statistics, arrays } = normalisation;
  for (const [name, values] of Object.entries(arrays)) tensors.set(name, { shape: [values.length], values });
  return writeSafetensors(tensors, { ...metadata, normalisation: JSON.stringify(statistics) });
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
  model: ModelConfig,
  layout: ParameterLayout,
  spaces: readonly string[],
): Pick<Checkpoint, 'info' | 'state'> {
  const { info, tensors } = parsed(bytes);
  const differences = differencesOf(info.model, model);
  if (differences.length > 0) {
    throw new CheckpointError(`This checkpoint is of another model: it has ${differences.join(', ')}.`);
  }
  const state = Object.fromEntries(
    spaces.map(space => {
      const { floats, entries } = inSpace(layout, space);
      const flat = new Float32Array(floats);
      for (const { name, size, offset } of entries) {
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
  return { info, state };
}

/** How a model differs from one that is wanted, where that matters: `width 8 instead of 32`. */
function differencesOf(own: ModelConfig, wanted: ModelConfig): string[] {
  if (own.kind !== wanted.kind) return [`the model ${own.kind} instead of ${wanted.kind}`];
  const { free } = modelKind(own.kind);
  const [has, needs] = [own.config, wanted.config] as Readonly<Record<string, unknown>>[];
  return Object.keys(needs)
    .filter(key => !free.includes(key) && String(has[key]) !== String(needs[key]))
    .map(key => `${key} ${has[key]} instead of ${needs[key]}`);
}

/** A model that is to forecast, as its checkpoint has it. */
export interface SavedModel {
  readonly info: CheckpointInfo;
  /** Flat, as the layout has them: the average where one is kept. */
  readonly parameters: Float32Array<ArrayBuffer>;
  /** Where the model has such. */
  readonly states: Float32Array<ArrayBuffer> | undefined;
}

/** @throws CheckpointError where the file is none of ours, or of another model */
export function decodeModel(bytes: Uint8Array, model: ModelConfig, layout: ParameterLayout): SavedModel {
  const { tensors } = parsed(bytes);
  const isAveraged = [...tensors.keys()].some(name => name.startsWith('average/'));
  const space = isAveraged ? 'average' : 'parameters';
  const spaces = layout.states.entries.length > 0 ? [space, STATE_SPACE] : [space];
  const { info, state } = decodeCheckpoint(bytes, model, layout, spaces);
  return { info, parameters: state[space], states: state[STATE_SPACE] };
}

/** Undefined where the checkpoint has none: see `Checkpoint`. @throws CheckpointError */
export function readNormalisation(bytes: Uint8Array): SavedNormalisation | undefined {
  const { tensors, metadata } = parsed(bytes);
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), v.looseObject({})), metadata.normalisation);
  if (!result.success) return undefined;
  // What belongs to parameters has its space before its name.
  const arrays = [...tensors].filter(([name]) => !name.includes('/'));
  return {
    statistics: result.output,
    arrays: Object.fromEntries(arrays.map(([name, { values }]) => [name, Float32Array.from(values)])),
  };
}

function parsed(bytes: Uint8Array) {
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    if (metadata.format !== FORMAT && metadata.format !== FORMAT_1) {
      throw new CheckpointError(
        'This file is not a checkpoint of Isobar: it is a safetensors file of another kind.',
      );
    }
    const schema = metadata.format === FORMAT_1 ? infoSchema1 : infoSchema;
    return { info: parsedInfo(metadata.info, schema), tensors, metadata };
  } catch (error) {
    if (error instanceof SafetensorsError)
      throw new CheckpointError(`This file is not a checkpoint of Isobar. ${error.message}`);
    throw error;
  }
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** JSON has no numbers that are not finite: before the first loss and the first evaluation there are some. */
const numberOr = (otherwise: number) =>
  v.pipe(
    v.nullish(v.number(), null),
    v.transform(value => value ?? otherwise),
  );

const aboutRun = {
  preset: v.string(),
  channels: v.array(v.string()),
  source: v.string(),
  seed: v.number(),
  step: count,
  steps: count,
  lossFirst: numberOr(Number.NaN),
  lossLast: numberOr(Number.NaN),
  plateau: v.object({ best: numberOr(Number.POSITIVE_INFINITY), waited: count, reductions: count }),
  savedAt: numberOr(0),
  forms: v.optional(formsByAdapterSchema),
};
type InfoSchema = v.GenericSchema<unknown, CheckpointInfo>;
const infoSchema: InfoSchema = v.object({ ...aboutRun, model: modelConfigSchema });
const { kind } = weatherMixerOutline;
const schema = weatherMixerSchema;
const infoSchema1: InfoSchema = v.object({
  ...aboutRun,
  model: v.pipe(
    schema,
    v.transform(config => ({ kind, config })),
  ),
});

/** @throws CheckpointError */
function parsedInfo(text: string | undefined, schema: InfoSchema): CheckpointInfo {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new CheckpointError(
    `This checkpoint is damaged: what it says of its run cannot be read (${where ? `${where}: ` : ''}${issue.message}).`,
  );
}
