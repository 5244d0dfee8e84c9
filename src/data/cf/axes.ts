/** Tells axes by the CF conventions (section 4), or by their usual names where a file follows none. */

import { DataError } from '../../io/data-error.ts';
import { type Attributes, textAttribute } from './attributes.ts';

export type AxisKind = 'time' | 'latitude' | 'longitude' | 'level';

/** All that an axis is told by. */
interface AxisVariable {
  readonly name: string;
  readonly attributes: Attributes;
}

export interface HorizontalGrid {
  readonly latitude: Float64Array;
  /** Increasing. */
  readonly longitude: Float64Array;
  readonly periodic: boolean;
  /** Column of the grid where each stored longitude goes; -1 where it repeats the first one after a whole circle. */
  readonly columnOf: Int32Array;
}

const NAMES: Readonly<Record<AxisKind, RegExp>> = {
  time: /^(valid_)?time(_?step)?$/i,
  latitude: /^(nav_)?lat(itude)?s?$/i,
  longitude: /^(nav_)?lon(gitude)?s?$/i,
  level: /^(p?lev|level|p?levels?|pressure(_level)?|isobaric\w*)$/i,
};
const AXIS: Readonly<Record<string, AxisKind>> = { T: 'time', Y: 'latitude', X: 'longitude', Z: 'level' };
const PRESSURE_HPA: ReadonlyMap<string, number> = new Map([
  ['hpa', 1],
  ['mb', 1],
  ['mbar', 1],
  ['millibar', 1],
  ['millibars', 1],
  ['pa', 0.01],
]);

/** Coordinates closer than this (degrees) are the same: single precision leaves 2e-5 at 360. */
export const SAME_DEGREES = 1e-4;

/** What a level axis is multiplied by to get hPa, or undefined where it is no pressure. */
export function pressureScale({ name, attributes }: AxisVariable): number | undefined {
  const units = textAttribute(attributes, 'units').trim().toLowerCase();
  // Without units, a level axis of the usual names holds hPa (as files cut from WeatherBench do).
  return units === '' && NAMES.level.test(name) ? 1 : PRESSURE_HPA.get(units);
}

/** What a coordinate variable counts, by its attributes or its name. */
export function axisKind({ name, attributes }: AxisVariable): AxisKind | undefined {
  const units = textAttribute(attributes, 'units').trim();
  const standard = textAttribute(attributes, 'standard_name');
  if (/^degrees?_?n(orth)?$/i.test(units) || standard === 'latitude') return 'latitude';
  if (/^degrees?_?e(ast)?$/i.test(units) || standard === 'longitude') return 'longitude';
  if (/\ssince\s/i.test(units) || standard === 'time') return 'time';
  const axis = AXIS[textAttribute(attributes, 'axis').toUpperCase()];
  if (axis) return axis;
  if (attributes.has('positive') || PRESSURE_HPA.has(units.toLowerCase())) return 'level';
  return (Object.keys(NAMES) as AxisKind[]).find(kind => NAMES[kind].test(name));
}

/** @throws DataError where there are no coordinates, or they do not run one way */
export function horizontalGrid(lat: ArrayLike<number>, lon: ArrayLike<number>, file: string): HorizontalGrid {
  if (lat.length === 0 || lon.length === 0) {
    throw new DataError(
      `${file} has ${lat.length} latitudes and ${lon.length} longitudes: there is no grid.`,
    );
  }
  const latitude = Float64Array.from(lat);
  const direction = Math.sign(latitude[latitude.length - 1] - latitude[0]);
  for (let i = 0; i < latitude.length; i++) {
    const step = i > 0 ? (latitude[i] - latitude[i - 1]) * direction : 1;
    if (!(Math.abs(latitude[i]) <= 90 + SAME_DEGREES) || !(step > 0)) {
      throw new DataError(
        `${file}: latitudes must run one way within -90 to 90 degrees; number ${i + 1} is ${latitude[i]}${i > 0 ? ` after ${latitude[i - 1]}` : ''}.`,
      );
    }
  }

  // Stored order may run westward, or jump from 360 to 0 or 180 to -180: turn it, then add whole circles.
  const count = lon.length;
  const eastward = count < 2 || modulo(lon[1] - lon[0], 360) < 180;
  const stored = (i: number) => lon[eastward ? i : count - 1 - i];
  const unwrapped = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const previous = i > 0 ? unwrapped[i - 1] : stored(0);
    unwrapped[i] = i > 0 ? previous + modulo(stored(i) - stored(i - 1), 360) : previous;
    if (!Number.isFinite(unwrapped[i]) || (i > 0 && unwrapped[i] - previous < SAME_DEGREES)) {
      throw new DataError(`${file}: longitude ${stored(i)} (number ${i + 1}) repeats or is no number.`);
    }
  }
  const longitude = unwrapped.filter(value => value - unwrapped[0] < 360 - SAME_DEGREES);
  const spacing = longitude.length > 1 ? longitude[1] - longitude[0] : 360;
  const gap = longitude[0] + 360 - longitude[longitude.length - 1];
  return {
    latitude,
    longitude,
    periodic: Math.abs(gap - spacing) < 0.01 * spacing,
    columnOf: Int32Array.from({ length: count }, (_, i) => {
      const column = eastward ? i : count - 1 - i;
      return column < longitude.length ? column : -1;
    }),
  };
}

const modulo = (value: number, base: number) => ((value % base) + base) % base;

/** Milliseconds from 1970 to the years 274 000 and -270 000; the language has no dates that are 2 000 years further. */
const FURTHEST_MS = 8.58e15;

/** @throws DataError where there are no steps, or one has no time or does not come after the one before */
export function checkTimes(times: Float64Array, file: string): void {
  if (times.length === 0) throw new DataError(`${file}: the time axis has no steps.`);
  for (let i = 0; i < times.length; i++) {
    if (!Number.isFinite(times[i])) throw new DataError(`${file}: time step ${i + 1} has no time.`);
    if (Math.abs(times[i]) > FURTHEST_MS) {
      const years = Math.round(times[i] / (365.2425 * 86_400_000)).toPrecision(3);
      throw new DataError(
        `${file}: time step ${i + 1} lies ${years} years from 1970, beyond all dates. Check the units and the values of the time axis.`,
      );
    }
    if (i > 0 && times[i] <= times[i - 1]) {
      throw new DataError(
        `${file}: time step ${i + 1} (${isoTime(times[i])}) does not come after step ${i} (${isoTime(times[i - 1])}). Sort the steps and leave out repeated ones.`,
      );
    }
  }
}

/** `2001-01-31T18:00Z`, for messages. */
export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
