/** The fields on the grid of one NetCDF file: which variables they are, their levels, and their unpacked values. */

import { DataError } from '../../io/data-error.ts';
import { textAttribute } from '../cf/attributes.ts';
import { memberNumbers, type Role, rolesOf, versionOrder } from '../cf/axes.ts';
import { type Stretch, stretchesOf } from '../cf/stretches.ts';
import { type Packing, packingOf, unpackOne, unpackStretch } from '../cf/unpack.ts';
import type { Channel } from '../dataset.ts';
import { type FileAxes, levelsHPa, readAxes } from './axes.ts';
import type { ByteRange } from './bytes.ts';
import type { BlockRange, NetcdfFile, NetcdfVariable } from './file.ts';
import { product, storedType } from './types.ts';
import { readRun, readValues, runRange } from './values.ts';

/** A variable with latitude and longitude, with or without time, on one or more levels. */
export interface GridField {
  readonly variable: NetcdfVariable;
  /** What each dimension of the variable is. */
  readonly roles: readonly Role[];
  /** One for every level, in stored order. */
  readonly channels: readonly Channel[];
  /** Numbers of the members of an ensemble, in stored order; absent where there is no such dimension, or one member. */
  readonly members?: readonly number[];
  /** Indices of versions in the order in which they count; of one where there are none. */
  readonly versions: readonly number[];
}

export interface FileFields extends FileAxes {
  readonly file: NetcdfFile;
  /** Fields that change in time. */
  readonly fields: readonly GridField[];
  readonly statics: readonly GridField[];
}

/** @throws DataError where the axes cannot be used */
export function readFields(file: NetcdfFile): FileFields {
  const axes = readAxes(file);
  const found = [...file.variables.values()].flatMap(variable => gridField(file, axes, variable) ?? []);
  return {
    ...axes,
    file,
    fields: found.filter(field => field.roles.includes('time')),
    statics: found.filter(field => !field.roles.includes('time')),
  };
}

function gridField(file: NetcdfFile, { kinds }: FileAxes, variable: NetcdfVariable): GridField | undefined {
  if (variable.type === 'char') return undefined;
  const known = new Map([...kinds].map(([dimension, { kind }]) => [dimension, kind]));
  const roles = rolesOf(variable, known, file.name);
  if (!roles || variable.dimensions.some(dimension => kinds.get(dimension)?.isOther)) return undefined;
  const along = (role: Role) => {
    const d = roles.indexOf(role);
    if (d < 0) return undefined;
    const [dimension, count] = [variable.dimensions[d], variable.shape[d]];
    const axis = kinds.get(dimension)?.variable;
    return { dimension, count, axis, values: axis && readValues(file, axis) };
  };
  const levels = along('level');
  const versions = along('version');
  return {
    variable,
    roles,
    channels: fieldChannels(
      variable,
      levels && { ...levels, hPa: levels.axis && levelsHPa(file, levels.axis) },
    ),
    members: memberNumbers(along('member')),
    versions: versionOrder(versions?.count ?? 1, versions?.values),
  };
}

/** The levels of a variable: their pressure where they have one, else their coordinate or just their number. */
export interface Levels {
  readonly dimension: string;
  readonly count: number;
  readonly hPa?: ArrayLike<number>;
  readonly values?: ArrayLike<number>;
}

/** Names the channels of a variable, one for every level, by its attributes. */
export function fieldChannels(
  { name, attributes }: Pick<NetcdfVariable, 'name' | 'attributes'>,
  levels?: Levels,
): Channel[] {
  const words = textAttribute(attributes, 'long_name') || textAttribute(attributes, 'standard_name');
  const longName = words.replaceAll('_', ' ') || name;
  const units = textAttribute(attributes, 'units').trim() || '1';
  if (!levels) return [{ name, longName, units, variable: name }];
  const { dimension, count, hPa, values } = levels;
  return Array.from({ length: count }, (_, i): Channel => {
    if (hPa) {
      const level = Number(hPa[i].toPrecision(6));
      return {
        name: `${name}${level}`,
        longName: `${longName} at ${level} hPa`,
        units,
        variable: name,
        levelHPa: level,
      };
    }
    const place = values ? Number(values[i].toPrecision(6)) : i + 1;
    return {
      name: count === 1 ? name : `${name}_${place}`,
      longName: `${longName}, ${dimension} ${place}`,
      units,
      variable: name,
    };
  });
}

/**
 * Writes the unpacked values of a variable into `out`, which is NaN where nothing is known yet, and stays so where they are missing: the value at indices (i, j, ...) of the
 * file goes to `offsets[0][i - from] + offsets[1][j] + ...`, or nowhere where one of these is negative or not there. Reads one index of
 * the first dimension at a time, so that a large file is never in memory twice, and of it only what goes somewhere.
 */
export function scatter(
  file: NetcdfFile,
  variable: NetcdfVariable,
  offsets: readonly ArrayLike<number>[],
  out: Float32Array,
  { clash, isFirst, inner = innerPlaces(offsets), from: begin = 0 }: Scattering = {},
): void {
  const packing = packingOf(variable.attributes, storedType(variable.type));
  const put = putter(out, clash);
  if (file.block) {
    scatterBlocks(variable, file.block, offsets, begin, (stored, start, at, stretch) => {
      scatterStretch(packing, stored, start, out, at, stretch, isFirst ? undefined : put);
    });
    return;
  }
  const [first] = offsets;
  for (let i = 0; i < first.length; i++) {
    const start = first[i];
    if (start < 0) continue;
    for (const { from, to, stretches } of inner.runs) {
      const values = readRun(file, variable, begin + i, from, to);
      for (const stretch of stretches) {
        scatterStretch(packing, values, -from, out, start, stretch, isFirst ? undefined : put);
      }
    }
  }
}

/**
 * Writes the unpacked values of a stretch to where they go.
 *
 * @param put see `putter`; undefined where nothing is known yet of what is written
 */
export function scatterStretch(
  packing: Packing,
  stored: ArrayLike<number>,
  start: number,
  out: Float32Array,
  at: number,
  stretch: Stretch,
  put?: Put,
): void {
  if (!put) {
    unpackStretch(packing, stored, start, out, at, stretch);
    return;
  }
  const { from, to, count, fromStep, toStep } = stretch;
  for (let i = 0; i < count; i++) {
    put(at + to + i * toStep, unpackOne(packing, stored[start + from + i * fromStep]));
  }
}

/** Beside what goes where. */
export interface Scattering {
  /** See `putter`. */
  readonly clash?: string;
  /** Nothing is known yet of what is written, and nothing is written twice. */
  readonly isFirst?: boolean;
  /** Of these offsets, where it is known already. */
  readonly inner?: InnerPlaces;
  /** Index of the first dimension that its offsets begin with; 0 where absent. */
  readonly from?: number;
}

/** Within one index of the first dimension. */
export interface InnerPlaces {
  /** Stretches of values that go somewhere, row-major, from the first (included) to the last (not included). */
  readonly runs: readonly {
    readonly from: number;
    readonly to: number;
    readonly stretches: readonly Stretch[];
  }[];
}

export function innerPlaces(offsets: readonly ArrayLike<number>[]): InnerPlaces {
  const places = innerOffsets(offsets);
  const indices = Int32Array.from(places, (_, j) => j);
  return {
    runs: runsOf(places).map(([from, to]) => ({
      from,
      to,
      stretches: stretchesOf(indices.subarray(from, to), places.subarray(from, to)),
    })),
  };
}

/** See `putter`. */
type Put = (at: number, value: number) => void;

/**
 * Writes what is not known yet: what is known already is of a version that counts before this one, or of the same time.
 *
 * @param clash what is wrong where there are two values; undefined where the first counts
 */
export function putter(out: Float32Array, clash: string | undefined): Put {
  return (at, value) => {
    const before = out[at];
    if (Number.isNaN(before)) out[at] = value;
    else if (clash && !Number.isNaN(value) && Math.fround(value) !== before) throw new DataError(clash);
  };
}

/** Values of a contiguous variable that are read at once. */
const BLOCK_VALUES = 2 ** 20;

/** As `scatter`, by the chunks of the variable: each is unpacked once, and only where something of it goes somewhere. */
function scatterBlocks(
  variable: NetcdfVariable,
  block: NonNullable<NetcdfFile['block']>,
  offsets: readonly ArrayLike<number>[],
  begin: number,
  put: (stored: ArrayLike<number>, start: number, at: number, stretch: Stretch) => void,
): void {
  const { shape } = variable;
  const offsetAt = (d: number, index: number): number => offsets[d][d === 0 ? index - begin : index] ?? -1;
  const inner = product(shape.slice(1));
  const sizes = variable.chunks ?? [Math.max(1, Math.floor(BLOCK_VALUES / inner)), ...shape.slice(1)];
  /** Parts of each dimension that lie in one chunk, from the first index that goes somewhere to the last. */
  const parts = offsets.map((along, d) => {
    const first = d === 0 ? Math.floor(begin / sizes[0]) : 0;
    const last = Math.ceil((d === 0 ? begin + along.length : shape[d]) / sizes[d]);
    return Array.from({ length: last - first }, (_, i): BlockRange => {
      let [from, to] = [(first + i) * sizes[d], Math.min(shape[d], (first + i + 1) * sizes[d])];
      while (from < to && offsetAt(d, from) < 0) from++;
      while (to > from && offsetAt(d, to - 1) < 0) to--;
      return [from, to];
    }).filter(([from, to]) => from < to);
  });
  const walk = (values: ArrayLike<number>, ranges: readonly BlockRange[]) => {
    const strides = ranges.map((_, d) => product(ranges.slice(d + 1).map(([from, to]) => to - from)));
    const last = ranges.length - 1;
    const [lastFrom, lastTo] = ranges[last];
    const along = Array.from({ length: lastTo - lastFrom }, (_, i) => i);
    const stretches = stretchesOf(
      along,
      along.map(i => offsetAt(last, lastFrom + i)),
    );
    const into = (d: number, source: number, target: number): void => {
      if (d === last) {
        for (const stretch of stretches) put(values, source, target, stretch);
        return;
      }
      const [from, to] = ranges[d];
      for (let i = from; i < to; i++) {
        const offset = offsetAt(d, i);
        if (offset >= 0) into(d + 1, source + (i - from) * strides[d], target + offset);
      }
    };
    into(0, 0, 0);
  };
  const each = (d: number, ranges: readonly BlockRange[]): void => {
    if (d === parts.length) walk(block(variable, ranges), ranges);
    else for (const range of parts[d]) each(d + 1, [...ranges, range]);
  };
  each(0, []);
}

/** The bytes that `scatter` takes of a classic file. */
export function scatterRanges(
  variable: NetcdfVariable,
  [first]: readonly ArrayLike<number>[],
  { runs }: InnerPlaces,
  begin: number,
): ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let i = 0; i < first.length; i++) {
    if (first[i] < 0) continue;
    for (const { from, to } of runs) ranges.push(runRange(variable, begin + i, from, to));
  }
  return ranges;
}

function innerOffsets([, ...others]: readonly ArrayLike<number>[]): Float64Array {
  return others.reduce<Float64Array>((sums, along) => {
    const out = new Float64Array(sums.length * along.length);
    for (let i = 0, at = 0; i < sums.length; i++) {
      for (let j = 0; j < along.length; j++, at++) {
        out[at] = sums[i] < 0 || along[j] < 0 ? -1 : sums[i] + along[j];
      }
    }
    return out;
  }, Float64Array.of(0));
}

function runsOf(places: Float64Array): [from: number, to: number][] {
  const runs: [number, number][] = [];
  let from = -1;
  for (let j = 0; j <= places.length; j++) {
    const isIn = j < places.length && places[j] >= 0;
    if (isIn && from < 0) from = j;
    if (!isIn && from >= 0) {
      runs.push([from, j]);
      from = -1;
    }
  }
  return runs;
}
