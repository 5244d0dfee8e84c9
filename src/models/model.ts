/**
 * The contract of a model: what every kind of model is to those that train, cut, save and offer it. A model sees nothing
 * of the data but a `Frame`, and nobody sees more of a model than this.
 */
import type { DType, Shape, Tensor } from '../graph/tensor.ts';
import type { MeshShape, RankPlace } from '../mesh/mesh.ts';
import type { Sharding } from './jigsaw.ts';
import type { ParameterScope } from './parameters.ts';

/** Hyper-parameters that make no model, or no run; the message says which and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** An array that goes into the graph or comes out of it. */
export interface InputSpec {
  readonly name: string;
  /** Of one sample, or of all of it where it is one for the whole run; not cut for a mesh. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Uploaded with every batch, or once. */
  readonly per: 'sample' | 'run';
  /** Who reads it: the model, also when it predicts, or the loss alone. */
  readonly for: 'model' | 'loss';
  /** On a mesh it is cut as this input or output of the model is; as its own name says where absent. */
  readonly like?: string;
}

/**
 * What all ranks, a checkpoint, the simulator and the model know of the data: names, shapes and sizes, no values. Can be
 * structured-cloned.
 */
export interface Frame {
  /** Kind of the task: see `tasks/index.ts`. */
  readonly task: string;
  readonly inputs: readonly InputSpec[];
  /** What the model gives for a sample. */
  readonly outputs: readonly Pick<InputSpec, 'name' | 'shape' | 'dtype'>[];
  /** Numbers by the task's own names, such as `channels`: what configs of models are fitted to, and the loss goes by. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** Tensors by the names of a frame: `[samples, ...shape]` where there is one for every sample. */
export type Tensors = Readonly<Record<string, Tensor>>;

export type Mode =
  | {
      readonly kind: 'train';
      /** [4] words, the state of the random numbers: see `dropout`. */
      readonly random: Tensor;
      /** Position in the whole batch of the first sample of the step's first pass. */
      readonly firstSample: number;
    }
  | { readonly kind: 'evaluate' };

/** A model whose parameters are made: it can be applied to several batches. From inputs to outputs, by name. */
export type Apply = (inputs: Tensors, mode: Mode) => Tensors;

/** The indices of an axis that a rank holds, -1 for padding; `all` where the axis is not cut. */
export type AxisBlock = readonly number[] | 'all';

/** A published way to cut a model, as far as it is known in closed form. */
export interface PublishedScheme {
  readonly ranks: number;
  /** Elements that all ranks together send in a training step. */
  readonly sentElements: number;
  /** Of the work of all products, what the busiest rank computes. */
  readonly productShare: number;
}

/** What a rank holds of inputs and outputs, axis by axis of a sample; whole where a name is absent. */
export type DataBlock = Readonly<Record<string, readonly AxisBlock[]>>;

/** Something told of a model or of data, for people. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A number that a user may set, and what it may be. */
export interface OptionSpec {
  /** As the page calls it. */
  readonly label: string;
  readonly low: number;
  readonly high: number;
  /** A `switch` is 0 or 1, and false or true in a config. */
  readonly kind: 'whole' | 'real' | 'switch';
}

/** One that stands in the config of a kind, of models or of tasks. */
export interface KindOption<Config> extends OptionSpec {
  /** In flags and saved runs: `width`. */
  readonly name: string;
  readonly key: keyof Config & string;
}

/** What is known of a kind without building anything of it: what forms and flags offer, and which meshes they refuse. */
export interface ModelOutline<Config> {
  /** In presets, checkpoints, the terminal's flags and addresses: `weathermixer`. */
  readonly kind: string;
  /** For people: `WeatherMixer`. */
  readonly label: string;
  /** What a user may change from a preset: the terminal's flags, and the page's fields. */
  readonly options: readonly KindOption<Config>[];
  /** Why a mesh is impossible, for people; undefined where it is not. Models that are trained data-parallel alone allow replicas only. */
  meshFault(config: Config, shape: Pick<MeshShape, 'rows' | 'columns'>): string | undefined;
}

export interface ModelKind<Config> extends ModelOutline<Config> {
  /**
   * Brings what `build` needs, where that is not there from the beginning: whoever compiles a plan waits for it first. A first
   * view loads no model that it does not train.
   */
  load?(): Promise<unknown>;
  /** Keys of a config that may differ from a checkpoint's: they change no parameter's shape or meaning. */
  readonly free: readonly string[];
  /**
   * The parameter [filters, channels, height, width] of the first layer, where it is laid over images and whole on every
   * rank: it can be looked at.
   */
  readonly filters?: string;
  /** The config with the sizes that follow from the data. @throws ConfigError */
  fit(options: Partial<Config>, frame: Frame): Config;
  /** What is worth telling of a model beside its parameters and FLOPs, for people. */
  facts(config: Config): readonly Fact[];
  /** What a rank holds of the model's inputs and outputs. */
  block(
    config: Config,
    shape: Pick<MeshShape, 'rows' | 'columns'>,
    place: Pick<RankPlace, 'row' | 'column'>,
  ): DataBlock;
  /** Where others have published a way to cut the model: what it comes to, to set ours beside it. */
  publishedScheme?(config: Config, batch: number): PublishedScheme;
  /** Makes the parameters in `scope` and returns the model, or the shard of it that `sharding` names. @throws ConfigError */
  build(scope: ParameterScope, config: Config, sharding: Sharding): Apply;
}

/**
 * The sizes of a frame that a config takes over, by the same names.
 *
 * @param wanted what the model needs, for people: `A ResNet needs images`
 * @throws ConfigError where the task has none of that name
 */
export function sizesOf<Name extends string>(
  { task, sizes }: Frame,
  names: readonly Name[],
  wanted: string,
): Record<Name, number> {
  const missing = names.find(name => sizes[name] === undefined);
  if (missing !== undefined) {
    throw new ConfigError(`${wanted} with ${missing}, which the task ${task} does not have.`);
  }
  return Object.fromEntries(names.map(name => [name, sizes[name]])) as Record<Name, number>;
}

/** What a model predicts from, and what it gives: of the kinds so far, one array each. */
export function predictionOf({ task, inputs, outputs: [output] }: Frame) {
  const input = inputs.find(spec => spec.for === 'model');
  if (!input) throw new Error(`a model of the task ${task} reads nothing`);
  return { input, output };
}

/** A model as it travels and is kept: the config is its kind's, checked by the kind's schema wherever it comes from outside. */
export interface ModelConfig<Config = unknown> {
  readonly kind: string;
  readonly config: Config;
}

/** The shape of a rank's block of a sample. */
export function blockShape(shape: Shape, block: readonly AxisBlock[] | undefined): Shape {
  return block ? shape.map((length, axis) => lengthOf(block[axis], length)) : shape;
}

const lengthOf = (own: AxisBlock, length: number) => (own === 'all' ? length : own.length);
