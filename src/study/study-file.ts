/**
 * A study: one model trained many times, on different numbers of replicas and batches, to see what its training costs and
 * what it learns. This is its file, and the runs that it asks for. The kinds of series are those of arXiv:2508.07706.
 */
import * as v from 'valibot';
import { presets } from '../session/api/presets.ts';
import { isAllowed, kindOptions, rangeText } from '../session/api/run-options.ts';

const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80));
const whole = (least: number, most: number) => {
  const says = `must be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(says), v.safeInteger(says), v.minValue(least, says), v.maxValue(most, says));
};
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

const seriesSchema = v.pipe(
  v.strictObject({
    /** Strong: every run sees the same samples. Weak: a run sees as many as its share of the replicas. */
    scaling: v.picklist(['strong', 'weak']),
    replicas: v.pipe(v.array(whole(1, 64)), v.minLength(1)),
    /** Samples of a step over all replicas, or of one replica; one of the two. */
    globalBatch: v.optional(whole(1, 65_536)),
    localBatch: v.optional(whole(1, 65_536)),
  }),
  v.check(
    ({ globalBatch, localBatch }) => (globalBatch === undefined) !== (localBatch === undefined),
    'has either globalBatch or localBatch, the one that is the same in all its runs',
  ),
);

const modelSchema = v.strictObject({
  preset: v.pipe(
    v.string(),
    v.check(
      name => Object.hasOwn(presets, name),
      `is no preset; there are ${Object.keys(presets).join(', ')}`,
    ),
  ),
  /** Samples that a run on all of the data trains on, repetitions among them. */
  samples: whole(1, 1_000_000_000),
  /** Of the whole data: days of the embedded atmosphere; a weak run has its share of them. Only for forecasts on it. */
  days: v.optional(whole(10, 36_500)),
  /** What the terminal's `--data` takes; absent: what the preset has. */
  data: v.optional(text),
  /** Learning rate at a global batch of `batch`; it grows in proportion, as in the paper. Absent: the preset's, always. */
  learningRate: v.optional(v.strictObject({ value: positive, batch: whole(1, 65_536) })),
});

const studySchema = v.strictObject({
  name: text,
  models: v.pipe(
    v.array(modelSchema),
    v.minLength(1),
    v.maxLength(16),
    // Rows are told apart by it.
    v.check(
      models => new Set(models.map(({ preset }) => preset)).size === models.length,
      'have one preset twice; that is two studies, which can be laid over each other',
    ),
  ),
  series: v.pipe(v.array(seriesSchema), v.minLength(1), v.maxLength(64)),
  /** Of every run, with seeds of their own. */
  repeats: whole(1, 100),
  seed: v.optional(whole(0, 2 ** 32 - 101), 1),
});

/** Of a study, of its models and of its series, as a file may have them. */
const fields =
  `${Object.keys(studySchema.entries).join(', ')}; ` +
  `of a model ${Object.keys(modelSchema.entries).join(', ')}; of a series scaling, replicas, globalBatch, localBatch`;

export type Study = v.InferOutput<typeof studySchema>;
export type StudyModel = Study['models'][number];

/** One training that a study asks for. */
export interface StudyRun {
  /** The same whenever the study is read again: what has been done is found by it. */
  readonly id: string;
  readonly model: StudyModel;
  readonly replicas: number;
  readonly localBatch: number;
  readonly globalBatch: number;
  /** Of the data, in (0, 1]. */
  readonly fraction: number;
  /** How the run gets its share of the data: days of the embedded atmosphere, or a share of every class. */
  readonly days: number | undefined;
  readonly subset: number | undefined;
  readonly steps: number;
  readonly learningRate: number | undefined;
  /** From 0. */
  readonly repeat: number;
  readonly seed: number;
}

/** A study file that says something impossible: where, and what would be possible. */
export class StudyError extends Error {
  override readonly name = 'StudyError';
}

/** @throws StudyError */
export function readStudy(json: string): Study {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new StudyError(`The study is not JSON: ${(cause as Error).message}.`);
  }
  const parsed = v.safeParse(studySchema, value, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new StudyError(`The study's ${v.getDotPath(issue) ?? 'file'}: ${faultOf(issue)}.`);
  }
  // What is impossible shows before the first run, not in the night.
  runsOf(parsed.output);
  return parsed.output;
}

function faultOf({ type, expected, received, message }: v.BaseIssue<unknown>): string {
  if (type !== 'strict_object') return message;
  if (expected === 'never') return `is no field of it; there are ${fields}`;
  return received === 'undefined' ? 'is missing' : 'must be an object with fields';
}

/**
 * All runs, cheapest first within a repeat, so that a study that is stopped has something of everything. Series that ask for
 * the same run share it.
 *
 * @throws StudyError where a batch cannot be shared, or a run would have no step
 */
export function runsOf(study: Study): readonly StudyRun[] {
  const runs = new Map<string, StudyRun>();
  for (let repeat = 0; repeat < study.repeats; repeat++)
    for (const model of study.models)
      for (const [index, series] of study.series.entries())
        for (const replicas of series.replicas) {
          const run = runOf(study, model, index, replicas, repeat);
          if (!runs.has(run.id)) runs.set(run.id, run);
        }
  const cost = ({ steps, globalBatch }: StudyRun) => steps * globalBatch;
  return [...runs.values()].sort((a, b) => a.repeat - b.repeat || cost(a) - cost(b));
}

function runOf(study: Study, model: StudyModel, index: number, replicas: number, repeat: number): StudyRun {
  const { scaling, globalBatch: whole, localBatch: own, replicas: all } = study.series[index];
  const where = `series.${index}`;
  const globalBatch = whole ?? own! * replicas;
  const localBatch = globalBatch / replicas;
  if (!Number.isInteger(localBatch)) {
    throw new StudyError(
      `The study's ${where}: a batch of ${globalBatch} cannot be shared by ${replicas} replicas; choose a multiple of ${replicas}.`,
    );
  }
  if (!isAllowed('batch', globalBatch)) {
    throw new StudyError(`The study's ${where}: a batch of ${globalBatch} is not ${rangeText('batch')}.`);
  }
  const fraction = scaling === 'weak' ? replicas / Math.max(...all) : 1;
  const steps = Math.floor((model.samples * fraction) / globalBatch);
  if (steps < 1) {
    throw new StudyError(
      `The study's ${where}: ${Math.floor(model.samples * fraction)} samples of ${model.preset} are not one batch of ${globalBatch}.`,
    );
  }
  const { learningRate } = model;
  const hasSubset = kindOptions(presets[model.preset]).has('subset');
  if (fraction < 1 && !hasSubset && model.days === undefined) {
    throw new StudyError(
      `The study's ${where} is weak: its runs have a part of the data, and for ${model.preset} that needs days, of the embedded atmosphere.`,
    );
  }
  const days = model.days === undefined ? undefined : Math.round(model.days * fraction);
  if (days !== undefined && !isAllowed('days', days)) {
    throw new StudyError(
      `The study's ${where}: ${days} days of ${model.preset} are not ${rangeText('days')}.`,
    );
  }
  const parts = [
    model.preset,
    `r${replicas}`,
    `b${localBatch}`,
    ...(fraction < 1 ? [`f${fraction.toPrecision(3)}`] : []),
    `n${repeat + 1}`,
  ];
  return {
    id: parts.join('-'),
    model,
    replicas,
    localBatch,
    globalBatch,
    fraction,
    days,
    subset: hasSubset && fraction < 1 ? fraction : undefined,
    steps,
    learningRate: learningRate && (learningRate.value * globalBatch) / learningRate.batch,
    repeat,
    seed: study.seed + repeat,
  };
}
