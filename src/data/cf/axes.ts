/** Tells axes by the CF conventions (section 4), or by their usual names where a file follows none. */

import { DataError } from '../../io/data-error.ts';
import { type Attributes, textAttribute } from './attributes.ts';

export type AxisKind = 'time' | 'latitude' | 'longitude' | 'level' | 'member' | 'lead' | 'version';

/**
 * What a dimension of a variable is. `member` counts the members of an ensemble, `version` (ERA5's `expver`) final and preliminary values of one field; `single` has size 1 and says nothing.
 */
export type Role = Exclude<AxisKind, 'lead'> | 'single';

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
  latitude: /^(nav_)?lat(itude)?s?(_?2d)?$/i,
  longitude: /^(nav_)?lon(gitude)?s?(_?2d)?$/i,
  level: /^(p?lev|level|p?levels?|pressure(_level)?|isobaric\w*)$/i,
  member: /^(number|(ensemble_?)?members?|ens(emble)?|reali[sz]ations?)$/i,
  lead: /^(step|lead(_?time)?|(forecast_)?lead_?hours?|prediction_timedelta|forecast_(period|step|hour)|fhour)$/i,
  version: /^expver$/i,
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

/** Coordinates of a map whose rows and columns are no latitudes and longitudes: a rotated pole, or a projection. */
const isOfMap = ({ attributes }: AxisVariable) =>
  /^(grid_(latitude|longitude)|projection_[xy](_angular)?_coordinate)$/.test(
    textAttribute(attributes, 'standard_name'),
  );

/** What a coordinate variable counts, by its attributes or its name. */
export function axisKind(variable: AxisVariable): AxisKind | undefined {
  if (isOfMap(variable)) return undefined;
  const { name, attributes } = variable;
  const units = textAttribute(attributes, 'units').trim();
  const standard = textAttribute(attributes, 'standard_name');
  if (/^degrees?_?n(orth)?$/i.test(units) || standard === 'latitude') return 'latitude';
  if (/^degrees?_?e(ast)?$/i.test(units) || standard === 'longitude') return 'longitude';
  if (/\ssince\s/i.test(units) || standard === 'time') return 'time';
  if (standard === 'realization') return 'member';
  if (standard === 'forecast_period') return 'lead';
  const axis = AXIS[textAttribute(attributes, 'axis').toUpperCase()];
  if (axis) return axis;
  if (attributes.has('positive') || PRESSURE_HPA.has(units.toLowerCase())) return 'level';
  return kindOfName(name);
}

const kindOfName = (name: string) => (Object.keys(NAMES) as AxisKind[]).find(kind => NAMES[kind].test(name));

/**
 * What each dimension of a variable is, or undefined where it is no field on the grid.
 *
 * @param kinds of the dimensions that have a coordinate
 * @throws DataError for forecasts by start and lead time
 */
export function rolesOf(
  { name, dimensions, shape }: { readonly name: string } & Dimensions,
  kinds: ReadonlyMap<string, AxisKind>,
  file: string,
): readonly Role[] | undefined {
  const roles = dimensions.map((dimension, d): AxisKind | 'single' => {
    const named = kindOfName(dimension);
    const bare = named === 'member' || named === 'lead' || named === 'version' ? named : 'level';
    const kind = kinds.get(dimension) ?? (shape[d] === 1 ? 'single' : bare);
    // Members and leads of which there is one are none; without a coordinate other dimensions are taken as levels.
    return shape[d] === 1 && (kind === 'lead' || kind === 'version') ? 'single' : kind;
  });
  const count = (role: AxisKind) => roles.filter(r => r === role).length;
  if (count('latitude') !== 1 || count('longitude') !== 1) return undefined;
  const along = (role: AxisKind) => {
    const d = roles.lastIndexOf(role);
    return `${dimensions[d]}, ${shape[d]}`;
  };
  if (count('lead') > 0 || count('time') > 1) {
    const lead = count('lead') > 0 ? 'lead' : 'time';
    const start = count('time') > 0 ? `start (${along('time')}) and ` : '';
    const words = lead === 'lead' ? `${start}lead time (${along('lead')})` : 'start and valid time';
    throw new DataError(
      `${file}: ${name} has forecasts by ${words}: several values for one time, which are not one record to learn from. Choose one lead: ncks -d ${dimensions[roles.lastIndexOf(lead)]},0 in.nc out.nc, or .isel(${dimensions[roles.lastIndexOf(lead)]}=0) in xarray.`,
    );
  }
  const once = (['level', 'member', 'version'] as const).every(role => count(role) <= 1);
  const d = roles.findIndex(role => role === 'member' || role === 'version');
  if (d >= 0 && shape[d] > MOST_MEMBERS) return undefined;
  return once ? roles.flatMap(role => (role === 'lead' ? [] : [role])) : undefined;
}

/** What claims more members than this is no ensemble: the list of their numbers alone would fill memory. */
const MOST_MEMBERS = 4096;

/** Why a variable is no field that can be read, in words that follow "it". */
export function whyNoField(dimensions: readonly string[], kinds: ReadonlyMap<string, AxisKind>): string {
  const along = new Set(dimensions.map(dimension => kinds.get(dimension)));
  if (!along.has('latitude') || !along.has('longitude')) {
    return `lies along ${dimensions.join(', ') || 'no dimension'}, not on latitude and longitude`;
  }
  const own = dimensions.filter(dimension => {
    const kind = kinds.get(dimension);
    return kind === undefined || kind === 'level';
  });
  return own.length > 1
    ? `has more dimensions than levels: ${own.join(', ')}`
    : 'lies on another grid or at other times than the rest, or is no number';
}

interface Dimensions {
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
}

/** Along a dimension of members. */
interface Members {
  readonly count: number;
  readonly values?: ArrayLike<number>;
}

/** Numbers of the members, from 1 where they have none; undefined where there are none, or one. */
export function memberNumbers(members: Members | undefined): readonly number[] | undefined {
  if (!members || members.count < 2) return undefined;
  const { count, values } = members;
  return Array.from({ length: count }, (_, i) => values?.[i] ?? i + 1);
}

/** What coordinates are multiplied by to get degrees: models on unstructured meshes write radians. */
export function degreesScale({ attributes }: Pick<AxisVariable, 'attributes'>): number {
  return /^rad(ians?)?$/i.test(textAttribute(attributes, 'units').trim()) ? 180 / Math.PI : 1;
}

/** @param values of the coordinate */
export function inDegrees(
  variable: Pick<AxisVariable, 'attributes'>,
  values: ArrayLike<number>,
): Float64Array {
  const scale = degreesScale(variable);
  return Float64Array.from(values, value => value * scale);
}

/**
 * The order in which versions of a field count: ERA5 is final (1) where there is such, else preliminary (5). Where they have no
 * numbers, in stored order.
 */
export function versionOrder(count: number, values: ArrayLike<number> | undefined): number[] {
  return Array.from({ length: count }, (_, i) => i).sort((a, b) => (values ? values[a] - values[b] : a - b));
}

const toRegular = 'cdo remapbil,r360x180 in.nc out.nc';

/**
 * Where a data set has no latitude or longitude axis: which coordinates it has instead, and what to do about it.
 *
 * @param variables with their dimensions
 */
export function gridAdvice(
  variables: Iterable<AxisVariable & { readonly dimensions: readonly string[] }>,
): string | undefined {
  const all = [...variables];
  const horizontal = all.flatMap(variable => {
    const kind = axisKind(variable);
    return kind === 'latitude' || kind === 'longitude' ? [{ ...variable, kind }] : [];
  });
  const words = (list: typeof horizontal) =>
    list.map(({ name, dimensions }) => `${name}(${dimensions.join(', ')})`).join(' and ');
  const curved = horizontal.filter(({ dimensions }) => dimensions.length > 1);
  if (curved.length > 0) {
    return `its coordinates are two-dimensional: ${words(curved)}. A curvilinear grid must be put on a regular one: ${toRegular}`;
  }
  const ofMap = all.filter(isOfMap);
  if (ofMap.length > 0) {
    const names = ofMap.map(
      ({ name, attributes }) => `${name} (${textAttribute(attributes, 'standard_name')})`,
    );
    return `its grid is rotated or projected: ${names.join(' and ')} are no latitudes and longitudes. It must be put on a regular grid: ${toRegular}`;
  }
  const isShared = horizontal.some(a =>
    horizontal.some(b => a.kind !== b.kind && a.dimensions[0] === b.dimensions[0]),
  );
  if (!isShared) return undefined;
  return `its points are a list: ${words(horizontal)}. An unstructured mesh must be put on a regular grid: cdo remapnn,r360x180 in.nc out.nc`;
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
