/** Inputs that tell a model where and when it is, besides the state. */

import type { Dataset, StaticField } from '../../data/dataset.ts';
import type { Calendar } from '../../io/calendar.ts';
import { annualBasis } from './climatology.ts';

/** Channels that `seasonInputs` adds. */
export const SEASON_CHANNELS = 2;

/** Static fields that `positionInputs` adds. */
export const POSITION_FIELDS = 2;

/** Cosine and sine of the time of year, scaled to variance 1 over a year. */
export function seasonAt(time: number, calendar?: Calendar): [number, number] {
  const [, cosine, sine] = annualBasis(time, 1, calendar);
  return [Math.SQRT2 * cosine, Math.SQRT2 * sine];
}

/** The data set with sine of latitude, and longitude, among its static fields. */
export function withPosition(dataset: Dataset): Dataset {
  const { latitude, longitude, statics } = dataset;
  return { ...dataset, statics: [...statics, ...positionFields(latitude, longitude)] };
}

export function positionFields(latitude: Float64Array, longitude: Float64Array): StaticField[] {
  const field = (
    name: string,
    units: string,
    value: (row: number, column: number) => number,
  ): StaticField => ({
    channel: { name, longName: name, units, variable: name },
    values: Float32Array.from({ length: latitude.length * longitude.length }, (_, p) =>
      value(Math.floor(p / longitude.length), p % longitude.length),
    ),
  });
  return [
    field('sine of latitude', '1', row => Math.sin((latitude[row] * Math.PI) / 180)),
    field('longitude', 'degrees_east', (_, column) => longitude[column]),
  ];
}
