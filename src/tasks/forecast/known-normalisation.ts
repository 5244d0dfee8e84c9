/** The normalisation of a forecast read back from a checkpoint: what `saved-normalisation.ts` keeps there. */
import * as v from 'valibot';
import { type Calendar, calendars } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import type { SavedNormalisation } from '../task.ts';
import type { Normalisation } from './task.ts';

/** What forecasts are made with where the data of the training are not at hand. */
export interface KnownNormalisation {
  readonly normalisation: Normalisation;
  /** Absent in checkpoints of earlier versions; so is `steps`. */
  readonly grid?: { readonly latitude: Float32Array; readonly longitude: Float32Array };
  readonly steps?: { readonly stepHours: number; readonly calendar: Calendar };
}

/** JSON has no word for what is no number: a channel that was never known has such a mean. */
const numbers = v.array(
  v.pipe(
    v.nullable(v.number()),
    v.transform(value => value ?? Number.NaN),
  ),
);
const schema = v.object({
  kind: v.picklist(['standard', 'anomaly']),
  mean: numbers,
  std: numbers,
  staticMean: numbers,
  staticStd: numbers,
  harmonics: v.number(),
  stepHours: v.optional(v.number()),
  calendar: v.optional(v.picklist(calendars), 'standard'),
});

/** @throws DataError where a checkpoint has none of a forecast */
export function knownNormalisation(saved: SavedNormalisation | undefined): KnownNormalisation {
  const { statistics, arrays = {} } = saved ?? {};
  const parsed = v.safeParse(schema, statistics);
  const { climatology, latitude, longitude } = arrays;
  if (!parsed.success || !climatology) {
    throw new DataError(
      'The checkpoint does not say how its inputs were normalised, as one that was put together from shards. Resume its run and let it save a checkpoint.',
    );
  }
  const { stepHours, calendar, ...normalisation } = parsed.output;
  return {
    normalisation: { ...normalisation, climatology },
    ...(latitude && longitude && { grid: { latitude, longitude } }),
    ...(stepHours !== undefined && { steps: { stepHours, calendar } }),
  };
}
