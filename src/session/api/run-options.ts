/**
 * The numbers that a user may set for a run: what each is called and what it may be. The terminal's flags, the page's
 * fields and the session's checks read this one table, and those of the kinds of models and tasks. Wide on purpose: the
 * model and the adapter have the last word.
 */
import { count } from '../../io/number-text.ts';
import type { OptionSpec } from '../../models/model.ts';
import { modelOutline, modelOutlines } from '../../models/outlines.ts';
import { taskOutline, taskOutlines } from '../../tasks/outlines.ts';

export type { OptionSpec };

const lastSeed = 2 ** 32 - 1;
const mostSteps = 100_000_000;
const mostSamples = 65_536;

/** By the name in `RunConfig`, its overrides, its data or its mesh. */
export const runOptions = {
  days: { label: 'Days', low: 10, high: 36_500, kind: 'whole' },
  dataSeed: { label: 'Seed of the data', low: 0, high: lastSeed, kind: 'whole' },
  steps: { label: 'Steps', low: 1, high: mostSteps, kind: 'whole' },
  seed: { label: 'Seed', low: 0, high: lastSeed, kind: 'whole' },
  batch: { label: 'Batch', low: 1, high: mostSamples, kind: 'whole' },
  accumulate: { label: 'Passes of a batch', low: 1, high: mostSamples, kind: 'whole' },
  learningRate: { label: 'Learning rate', low: 1e-9, high: 10, kind: 'real' },
  weightDecay: { label: 'Weight decay', low: 0, high: 10, kind: 'real' },
  evaluateEvery: { label: 'Steps between scores', low: 0, high: mostSteps, kind: 'whole' },
  checkpointSeconds: { label: 'Seconds between checkpoints', low: 0.1, high: 86_400, kind: 'real' },
  dataMemory: { label: 'Memory for data (MiB)', low: 1, high: 1_048_576, kind: 'whole' },
  replicas: { label: 'Replicas', low: 1, high: 64, kind: 'whole' },
  microBatches: { label: 'Micro-batches', low: 1, high: mostSamples, kind: 'whole' },
} as const satisfies Record<string, OptionSpec>;

export type RunOption = keyof typeof runOptions;

/** The kinds that a preset is of. */
type Kinds = { readonly [Part in 'model' | 'task']: { readonly kind: string } };

/** What of a model and a task of these kinds may be changed, by name. @throws ConfigError where there is no such kind */
export const kindOptions = ({ model, task }: Kinds): ReadonlyMap<string, OptionSpec> =>
  new Map(
    [...modelOutline(model.kind).options, ...taskOutline(task.kind).options].map(option => [
      option.name,
      option,
    ]),
  );

/** The names of all that may be changed of some kind. */
export const kindOptionNames: readonly string[] = [
  ...new Set([...modelOutlines, ...taskOutlines].flatMap(({ options }) => options.map(({ name }) => name))),
];

export function isWithin({ low, high, kind }: OptionSpec, value: number): boolean {
  return value >= low && value <= high && (kind === 'real' || Number.isInteger(value));
}

/** What it may be: `a whole number from 1 to 1 000`. */
export function rangeOf({ low, high, kind }: OptionSpec): string {
  if (kind === 'switch') return '0 or 1';
  if (kind === 'whole') return `a whole number from ${count(low)} to ${count(high)}`;
  return `a number from ${low} to ${high}`;
}

export const isAllowed = (option: RunOption, value: number) => isWithin(runOptions[option], value);
export const rangeText = (option: RunOption) => rangeOf(runOptions[option]);
