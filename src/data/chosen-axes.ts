/**
 * What is left of a source's axes where a part of it is chosen: for every row, column, record and channel of the part, those of the
 * source that it is made of. Nothing is read for that.
 */
import { isoDay, parseDay } from '../io/calendar.ts';
import { DataError } from '../io/data-error.ts';
import { count, list } from '../io/number-text.ts';
import type { DataPart, Region, Thinning } from './choice/part.ts';
import type { Channel, SourceFields } from './dataset.ts';
import { axisOf, membersOf, type RecordAxis } from './record-axis.ts';

/** Rows or columns of the part. */
export interface ChosenAxis {
  /** Degrees. */
  readonly values: Float64Array;
  /** Of each, those of the source: one, or those that it is the mean of. */
  readonly groups: readonly (readonly number[])[];
  /** Those of the source, in degrees, that no mean has room for. */
  readonly left: readonly number[];
}

export interface ChosenTimes extends RecordAxis {
  /** Of each time of the part, counted without members, the time of the source. */
  readonly chosen: Int32Array;
}

/** Places that are named in decimals may differ by this. */
const SAME_DEGREES = 1e-6;

const modulo = (value: number, base: number) => ((value % base) + base) % base;

/** Indices among channels. @throws DataError where no channel lies on such a level */
export function chosenChannels(channels: readonly Channel[], { levels }: DataPart): number[] {
  const all = channels.map((_, c) => c);
  if (!levels) return all;
  const has = [...new Set(channels.flatMap(({ levelHPa }) => levelHPa ?? []))].sort((a, b) => a - b);
  const unknown = levels.find(level => !has.includes(level));
  if (unknown !== undefined) {
    throw new DataError(
      has.length > 0
        ? `There is no level of ${unknown} hPa; there are ${list(has.map(String))} hPa.`
        : `There is no level of ${unknown} hPa: no channel lies on a pressure level.`,
    );
  }
  return all.filter(c => {
    const { levelHPa } = channels[c];
    return levelHPa === undefined || levels.includes(levelHPa);
  });
}

/** @throws DataError where less than two rows are left */
export function chosenRows(latitude: Float64Array, { region, thin }: DataPart): ChosenAxis {
  const inside = Array.from(latitude, (_, row) => row).filter(
    row =>
      !region ||
      (latitude[row] >= region.south - SAME_DEGREES && latitude[row] <= region.north + SAME_DEGREES),
  );
  const axis = thinned(inside, row => latitude[row], thin);
  checkPoints(axis, 'latitudes', latitude, region, thin);
  return axis;
}

/**
 * Columns of a region follow each other eastward from its west, and count their degrees from there.
 *
 * @throws DataError where less than two columns are left, or they do not follow each other
 */
export function chosenColumns(longitude: Float64Array, { region, thin }: DataPart): ChosenAxis {
  const columns = longitude.length;
  const periodic = goesRound(longitude);
  const isAll = !region || region.east - region.west >= 360 - SAME_DEGREES;
  const inside = isAll ? Array.from(longitude, (_, column) => column) : within(longitude, region, periodic);
  if (periodic && inside.length === columns) {
    checkRound(columns, thin);
    // All of a circle begins where the source does.
    inside.sort((a, b) => a - b);
    const axis = thinned(inside, column => longitude[column], thin);
    checkPoints(axis, 'longitudes', longitude, region, thin);
    return axis;
  }
  const first = inside[0];
  // As near to how the region is written as whole circles allow.
  const turn = region && first !== undefined ? 360 * Math.round((region.west - longitude[first]) / 360) : 0;
  const degrees = (column: number) => longitude[column] + turn + (column < first ? 360 : 0);
  const axis = thinned(inside, degrees, thin);
  checkPoints(axis, 'longitudes', longitude, region, thin);
  return axis;
}

/** The last longitude is followed by the first. */
export function goesRound(longitude: Float64Array): boolean {
  const spacing = longitude.length > 1 ? longitude[1] - longitude[0] : 360;
  const gap = longitude[0] + 360 - longitude[longitude.length - 1];
  return Math.abs(gap - spacing) < 0.01 * spacing;
}

/** Columns from the west of a region eastward. */
function within(longitude: Float64Array, { west, east }: Region, periodic: boolean): number[] {
  const span = modulo(east - west, 360);
  const ahead = (column: number) => {
    const degrees = modulo(longitude[column] - west, 360);
    return degrees > 360 - SAME_DEGREES ? 0 : degrees;
  };
  const inside = Array.from(longitude, (_, column) => column)
    .filter(column => ahead(column) <= span + SAME_DEGREES)
    .sort((a, b) => ahead(a) - ahead(b));
  const jump = inside.findIndex(
    (column, i) =>
      i > 0 && column !== (periodic ? (inside[i - 1] + 1) % longitude.length : inside[i - 1] + 1),
  );
  if (jump < 0) return inside;
  throw new DataError(
    `The region from ${west} to ${east} degrees east goes round through longitudes that the data do not have: they run from ${longitude[0]} to ${longitude[longitude.length - 1]}.`,
  );
}

/** @throws DataError where a circle would not be even any more */
function checkRound(columns: number, { points, means }: Thinning = {}): void {
  const every = points ?? means ?? 1;
  if (columns % every === 0) return;
  const others = Array.from({ length: Math.min(columns, 100) }, (_, i) => i + 1).filter(
    n => n > 1 && n < columns && columns % n === 0,
  );
  throw new DataError(
    `The ${columns} longitudes go round the whole circle, and cannot be thinned evenly by ${every}. Thin by ${list(others.slice(0, 8).map(String)) || 'nothing'}, or choose a region.`,
  );
}

function thinned(
  inside: readonly number[],
  degrees: (index: number) => number,
  { points, means }: Thinning = {},
): ChosenAxis {
  if (means === undefined) {
    const kept = inside.filter((_, i) => i % (points ?? 1) === 0);
    return { values: Float64Array.from(kept, degrees), groups: kept.map(index => [index]), left: [] };
  }
  const groups = Array.from({ length: Math.floor(inside.length / means) }, (_, i) =>
    inside.slice(i * means, (i + 1) * means),
  );
  return {
    values: Float64Array.from(
      groups,
      group => group.reduce((sum, index) => sum + degrees(index), 0) / group.length,
    ),
    groups,
    left: inside.slice(groups.length * means).map(degrees),
  };
}

function checkPoints(
  { groups }: ChosenAxis,
  what: string,
  values: Float64Array,
  region: Region | undefined,
  thin: Thinning | undefined,
): void {
  if (groups.length >= 2) return;
  const [first, last] = [values[0], values[values.length - 1]];
  const chosen = region ? 'The region' : 'The thinned grid';
  const rest = thin?.points || thin?.means ? ', thinned' : '';
  throw new DataError(
    `${chosen} has ${groups.length} ${what}${region ? rest : ''}; at least two are needed. The data have ${count(values.length)}, from ${first} to ${last}.`,
  );
}

/** @throws DataError where less than two times are left */
export function chosenTimes(fields: SourceFields, { from, to, thin }: DataPart): ChosenTimes {
  const { times, steps, calendar, stepHours, stepMonths } = fields;
  const members = membersOf(fields);
  const all = times.length / members;
  const timeOf = (index: number) => times[index * members];
  const stepOf = (index: number) => (steps ? steps[index * members] : index);
  const at = (day: string | undefined, otherwise: number) => {
    if (day === undefined) return otherwise;
    const start = parseDay(day, calendar);
    if (Number.isNaN(start)) {
      throw new DataError(
        `"${day}" is no date of the calendar ${calendar ?? 'standard'}, such as 2018-01-01.`,
      );
    }
    const record = times.findIndex(time => time >= start);
    return record < 0 ? all : record / members;
  };
  const [first, last] = [at(from, 0), at(to, all)];
  const every = thin?.steps ?? 1;
  const inside = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  const chosen = Int32Array.from(inside.filter(index => modulo(stepOf(index) - stepOf(first), every) === 0));
  if (chosen.length < 2) {
    const day = (index: number) => isoDay(timeOf(index), calendar);
    throw new DataError(
      `There are ${count(chosen.length)} steps from ${from ?? 'the first'} to ${to ?? 'the last'}${every > 1 ? `, every ${every} steps` : ''}; the data run from ${day(0)} to ${day(all - 1)}. A forecast needs at least two.`,
    );
  }
  const numbers = Int32Array.from(chosen, index => (stepOf(index) - stepOf(first)) / every);
  const isWhole = numbers.every((step, i) => step === i);
  const repeat = <Values extends Float64Array | Int32Array>(
    out: Values,
    of: (i: number) => number,
  ): Values => {
    for (let record = 0; record < out.length; record++) out[record] = of(Math.floor(record / members));
    return out;
  };
  return {
    ...axisOf({
      stepHours: stepHours * every,
      calendar,
      stepMonths: stepMonths && stepMonths * every,
      members: fields.members,
    }),
    times: repeat(new Float64Array(chosen.length * members), i => timeOf(chosen[i])),
    steps: isWhole ? undefined : repeat(new Int32Array(chosen.length * members), i => numbers[i]),
    chosen,
  };
}
