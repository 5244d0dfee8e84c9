/** What may be said of a GPU's power in place of what it is recognised as. Without the table, for who only passes it on. */
import * as v from 'valibot';
import type { Schema } from '../io/schemas.ts';
import type { Band } from './band.ts';
import type { WallReadings } from './calibration.ts';
import { wattsRange } from './gpu-power.ts';

export type GpuChoice =
  /** What it was recognised as. */
  | { readonly kind: 'recognised' }
  | { readonly kind: 'row'; readonly name: string }
  /** W at full load and, where known, at rest. */
  | { readonly kind: 'watts'; readonly watts: number; readonly idle?: number }
  | ({ readonly kind: 'wall' } & WallReadings);

/** W, of what the words name. */
const watts = (what: string) => {
  const { least, most } = wattsRange;
  const outside = ({ input }: { readonly input: unknown }) =>
    `${what} is ${typeof input === 'number' ? input : 'no number of'} W; it must be a number from ${least} to ${most}`;
  return v.pipe(v.number(outside), v.minValue(least, outside), v.maxValue(most, outside));
};

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const activity: Schema<Band> = v.pipe(
  v.object({ low: share, central: share, high: share }),
  v.check(
    ({ low, central, high }) => low <= central && central <= high,
    'the load at which the wall meter was read is no band: low, central, high',
  ),
);

export const gpuChoice: Schema<GpuChoice> = v.variant('kind', [
  v.object({ kind: v.literal('recognised') }),
  v.object({ kind: v.literal('row'), name: v.pipe(v.string(), v.maxLength(100)) }),
  v.object({
    kind: v.literal('watts'),
    watts: watts('the power at full load'),
    idle: v.exactOptional(watts('the power at rest')),
  }),
  v.object({
    kind: v.literal('wall'),
    idleWatts: watts('the reading at rest'),
    loadWatts: watts('the reading while training'),
    activity,
  }),
]);

/** W of the rest of a machine: it may be none. */
export const restWatts = v.pipe(v.number(), v.minValue(0), v.maxValue(wattsRange.most));
