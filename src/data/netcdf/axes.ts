/** Finds the axes of a NetCDF file, and reads them. */
import type { Calendar } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { textAttribute } from '../cf/attributes.ts';
import {
  type AxisKind,
  axisKind,
  gridAdvice,
  type HorizontalGrid,
  horizontalGrid,
  inDegrees,
  pressureScale,
} from '../cf/axes.ts';
import { type DecodedTimes, decodeTimes } from '../cf/time.ts';
import type { NetcdfFile, NetcdfVariable } from './file.ts';
import { readText, readValues } from './values.ts';

export interface KnownAxis {
  readonly kind: AxisKind;
  readonly variable: NetcdfVariable;
  /** Of a second latitude, longitude or time: fields along it lie on another grid than `grid`, or at other `times`. */
  readonly isOther: boolean;
}

export interface FileAxes {
  /** Coordinate variable of every dimension whose kind is known. */
  readonly kinds: ReadonlyMap<string, KnownAxis>;
  /** Variables that are axes, or their bounds. */
  readonly coordinates: ReadonlySet<NetcdfVariable>;
  readonly grid: HorizontalGrid;
  /** In stored order; absent where the file has no time axis. */
  readonly times: Float64Array | undefined;
  /** The one that `times` are counted in. */
  readonly calendar: Calendar;
}

/** @throws DataError where latitude or longitude is missing or cannot be used, or time cannot be read. */
export function readAxes(file: NetcdfFile): FileAxes {
  const kinds = new Map<string, { kind: AxisKind; variable: NetcdfVariable }>();
  for (const dimension of file.dimensions.keys()) {
    const along = [...file.variables.values()].filter(
      v => v.dimensions.length === 1 && v.dimensions[0] === dimension && v.type !== 'char',
    );
    // The variable of the dimension's own name comes first; some files call it otherwise (`lat(latitude)`).
    along.sort((a, b) => Number(b.name === dimension) - Number(a.name === dimension));
    // A single forecast has its lead times and its valid times along one dimension.
    const known = along.filter(v => axisKind(v) !== undefined);
    const variable = known.find(v => axisKind(v) !== 'lead') ?? known[0];
    if (variable) kinds.set(dimension, { kind: axisKind(variable)!, variable });
  }
  const find = (kind: AxisKind) => [...kinds.values()].find(entry => entry.kind === kind)?.variable;

  const latitude = find('latitude');
  const longitude = find('longitude');
  if (!latitude || !longitude) {
    const advice = gridAdvice(file.variables.values());
    if (advice) throw new DataError(`${file.name}: ${advice}`);
    throw new DataError(
      `${file.name} has no ${latitude ? 'longitude' : 'latitude'} axis: a coordinate variable with units degrees_north or degrees_east, or named lat or lon. Its dimensions are ${dimensionsOf(file)}.`,
    );
  }
  const time = find('time');
  const main = new Set([latitude, longitude, time]);
  const bounds = [...file.variables.values()].flatMap(({ attributes }) =>
    [textAttribute(attributes, 'bounds'), textAttribute(attributes, 'climatology')].filter(
      name => name !== '',
    ),
  );
  const isCoordinate = (variable: NetcdfVariable) =>
    file.dimensions.has(variable.name) || bounds.includes(variable.name);
  return {
    coordinates: new Set([
      ...[...kinds.values()].map(({ variable }) => variable),
      ...[...file.variables.values()].filter(isCoordinate),
    ]),
    kinds: new Map(
      [...kinds].map(([dimension, { kind, variable }]) => {
        const isHorizontal = kind === 'latitude' || kind === 'longitude' || kind === 'time';
        const isOther = isHorizontal && !main.has(variable);
        return [dimension, { kind, variable, isOther }];
      }),
    ),
    grid: horizontalGrid(
      inDegrees(latitude, readValues(file, latitude)),
      inDegrees(longitude, readValues(file, longitude)),
      file.name,
    ),
    ...(time ? readTimes(file, time) : { times: undefined, calendar: 'standard' }),
  };
}

/** Names in a message; of more than this it says how many. */
const MOST_NAMES = 12;

function dimensionsOf({ dimensions }: NetcdfFile): string {
  const names = [...dimensions.keys()];
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return names.slice(0, MOST_NAMES).join(', ') + more || 'none';
}

/** Pressure in hPa of every level, or undefined where the axis is no pressure. */
export function levelsHPa(file: NetcdfFile, axis: NetcdfVariable): Float64Array | undefined {
  const scale = pressureScale(axis);
  return scale === undefined ? undefined : Float64Array.from(readValues(file, axis), p => p * scale);
}

function readTimes(file: NetcdfFile, axis: NetcdfVariable): DecodedTimes {
  const units = textAttribute(axis.attributes, 'units');
  const reference = [...file.variables.values()].find(
    v =>
      v.type === 'char' &&
      (textAttribute(v.attributes, 'units') === 'text_time' || /^ref_?time$/.test(v.name)),
  );
  // NCAR's storm files keep the reference date in a text variable and leave the unit out: their steps are hours.
  const known =
    reference && !/\ssince\s/i.test(units) ? `${units || 'hours'} since ${readText(file, reference)}` : units;
  return decodeTimes(readValues(file, axis), known, textAttribute(axis.attributes, 'calendar'), file.name);
}
