/** What a kept run is: read back from storage, where another version of the page may have written. Loaded where there is one. */
import * as v from 'valibot';
import { type KeptRun, mostKept } from './kept-run.ts';

const number = v.pipe(v.number(), v.finite());
const anyNumber = v.union([v.number(), v.nan()]);
const points = v.pipe(v.array(v.tuple([number, anyNumber])), v.maxLength(5000));

const keptRun: v.GenericSchema<unknown, KeptRun> = v.object({
  id: v.string(),
  at: number,
  slot: v.pipe(number, v.integer(), v.minValue(0), v.maxValue(mostKept - 1)),
  isChosen: v.boolean(),
  file: v.optional(v.string()),
  settings: v.optional(v.record(v.string(), v.string())),
  losses: points,
  scores: v.record(v.string(), points),
  test: v.array(v.object({ metric: v.string(), of: v.string(), at: number, value: anyNumber })),
});

export const isKeptRun = (value: unknown): value is KeptRun => v.is(keptRun, value);
