/**
 * Forecasts as a file with CF metadata: initial time and lead time are dimensions, fields of one variable on several levels
 * are one variable of the file, and valid times stand beside both. NetCDF classic or Zarr. No more is held than a few
 * megabytes of every forecast that is under way.
 */

import {
  axisAttributes,
  type LevelAxis,
  timeUnits,
  type WrittenField,
  writtenFields,
} from '../../data/cf/written.ts';
import type { Channel } from '../../data/dataset.ts';
import { startNetcdf, type WrittenVariable } from '../../data/netcdf/write.ts';
import type { WrittenArray } from '../../data/zarr/write.ts';
import type { Calendar } from '../../io/calendar.ts';
import type { WriteAt } from '../../io/write-at.ts';

export const forecastFormats = ['netcdf', 'zarr'] as const;
export type ForecastFormat = (typeof forecastFormats)[number];

export interface ForecastFileOutline {
  readonly channels: readonly Channel[];
  /** Degrees north and east. */
  readonly latitude: ArrayLike<number>;
  readonly longitude: ArrayLike<number>;
  readonly calendar: Calendar;
  /** Numbers of an ensemble's members. */
  readonly members?: readonly number[];
  /** Initial times, milliseconds since 1970 of the calendar. */
  readonly starts: readonly number[];
  /** In hours or months, ascending. */
  readonly leads: readonly number[];
  readonly leadUnits: 'hours' | 'months';
  /** Milliseconds since 1970 of the calendar. */
  validTime(start: number, lead: number): number;
  /** Of the file: title, source. */
  readonly about: Readonly<Record<string, string>>;
}

export interface ForecastFile {
  /**
   * Takes a forecast; those of a start and member come with ascending leads, and none is left out.
   *
   * @param start, lead, member their numbers, from 0
   * @param state in units of the channels, [C, latitude, longitude]
   */
  add(start: number, member: number, lead: number, state: Float32Array): Promise<void>;
}

/** Bytes of a variable that are written at once, and of a chunk. */
const PIECE_BYTES = 2 ** 22;

/** Fields, axes, and how many leads of a variable come at once. */
interface FileParts {
  readonly fields: readonly WrittenField[];
  readonly axes: readonly { readonly variable: WrittenVariable; readonly values: readonly number[] }[];
  readonly dimensions: ReadonlyMap<string, number>;
  /** Names of the dimensions of a field. */
  dimensionsOf(field: WrittenField): readonly string[];
  leadsAtOnce(field: WrittenField): number;
}

/** Writes what is known beforehand: what describes the file, and its axes. */
export async function startForecastFile(
  format: ForecastFormat,
  outline: ForecastFileOutline,
  write: WriteAt,
): Promise<ForecastFile> {
  const parts = partsOf(outline);
  const put =
    format === 'zarr' ? await startZarr(outline, parts, write) : await startClassic(outline, parts, write);
  const points = outline.latitude.length * outline.longitude.length;
  const leads = outline.leads.length;
  /** By start and member, the values of every field that wait for more leads. */
  const waiting = new Map<string, Float32Array[]>();
  return {
    async add(start, member, lead, state) {
      const key = `${start} ${member}`;
      const held = waiting.get(key) ?? [];
      waiting.set(key, held);
      for (const [i, field] of parts.fields.entries()) {
        const atOnce = parts.leadsAtOnce(field);
        const size = field.channels.length * points;
        const first = lead - (lead % atOnce);
        const count = Math.min(atOnce, leads - first);
        held[i] ??= new Float32Array(count * size);
        const piece = held[i];
        field.channels.forEach((c, level) => {
          piece.set(state.subarray(c * points, (c + 1) * points), (lead - first) * size + level * points);
        });
        if (lead - first < count - 1) continue;
        delete held[i];
        await put(field, { start, member, lead: first }, piece);
      }
      if (lead === leads - 1) waiting.delete(key);
    },
  };
}

/** Writes the values of a field from a lead on: [leads, levels, latitude, longitude]. */
type PutField = (
  field: WrittenField,
  at: { readonly start: number; readonly member: number; readonly lead: number },
  values: Float32Array,
) => Promise<void>;

async function startClassic(
  { about, leads, latitude, longitude }: ForecastFileOutline,
  { fields, axes, dimensions, dimensionsOf }: FileParts,
  write: WriteAt,
): Promise<PutField> {
  const variables = fields.map((field): WrittenVariable => {
    const { name } = field;
    const attributes = { ...fieldAttributes(field), _FillValue: Number.NaN };
    return { name, type: 'float', dimensions: dimensionsOf(field), attributes };
  });
  const file = await startNetcdf(
    {
      dimensions,
      record: 'time',
      attributes: about,
      variables: [...axes.map(({ variable }) => variable), ...variables],
    },
    write,
  );
  for (const { variable, values } of axes) {
    const isRecord = variable.dimensions[0] === 'time';
    const each = isRecord ? values.length / (dimensions.get('time') ?? 1) : values.length;
    for (let at = 0; at < values.length; at += each) {
      const index = isRecord ? at / each : 0;
      await file.put(variable.name, index, 0, values.slice(at, at + each));
    }
  }
  return ({ name, channels }, { start, member, lead }, values) => {
    const size = channels.length * latitude.length * longitude.length;
    return file.put(name, start, (member * leads.length + lead) * size, values);
  };
}

async function startZarr(
  { about, members }: ForecastFileOutline,
  { fields, axes, dimensions, dimensionsOf, leadsAtOnce }: FileParts,
  write: WriteAt,
): Promise<PutField> {
  // Loaded on demand, with what packs the chunks.
  const { chunkPath, packedChunk, writeDocuments } = await import('../../data/zarr/write.ts');
  const sizes = (names: readonly string[]) => names.map(name => dimensions.get(name) ?? 0);
  const whole = axes.map(({ variable: { name, type, dimensions: own, attributes }, values }) => {
    const shape = sizes(own);
    const array: WrittenArray = { name, type, dimensions: own, attributes, shape, chunks: shape };
    return { array, values };
  });
  const arrays = new Map(
    fields.map(field => {
      const { name } = field;
      const attributes = fieldAttributes(field);
      const own = dimensionsOf(field);
      const shape = sizes(own);
      const chunks = own.map((dimension, d) => {
        if (dimension === 'time' || dimension === 'number') return 1;
        return dimension === LEAD ? leadsAtOnce(field) : shape[d];
      });
      const array: WrittenArray = { name, type: 'float', dimensions: own, attributes, shape, chunks };
      return [field, array] as const;
    }),
  );
  for (const { array, values } of whole) {
    const first = array.shape.map(() => 0);
    await write(chunkPath(array, first), 0, await packedChunk(array, values));
  }
  await writeDocuments([...whole.map(({ array }) => array), ...arrays.values()], about, write);
  return async (field, { start, member, lead }, values) => {
    const array = arrays.get(field);
    if (!array) throw new RangeError(`The file has no variable ${field.name}.`);
    const size = array.chunks.reduce((a, b) => a * b, 1);
    const chunk = new Float32Array(size).fill(Number.NaN);
    chunk.set(values);
    const above = members ? [start, member] : [start];
    const within = array.shape.slice(above.length + 1).map(() => 0);
    const path = chunkPath(array, [...above, lead / leadsAtOnce(field), ...within]);
    await write(path, 0, await packedChunk(array, chunk));
  };
}

/** Valid times are no axis, and are found by what names them. */
const fieldAttributes = ({ attributes }: WrittenField) => ({ ...attributes, coordinates: 'valid_time' });

/** As WeatherBench 2 calls it. */
const LEAD = 'prediction_timedelta';

function partsOf(outline: ForecastFileOutline): FileParts {
  const { channels, latitude, longitude, members, starts, leads } = outline;
  const fields = writtenFields(channels);
  const levels = [...new Set(fields.flatMap(field => field.levels ?? []))];
  const dimensionsOf = ({ levels: own }: WrittenField) => [
    ...['time', ...(members ? ['number'] : []), LEAD],
    ...(own ? [own.name] : []),
    ...['latitude', 'longitude'],
  ];
  const points = latitude.length * longitude.length;
  return {
    fields,
    axes: axesOf(outline, levels),
    dimensions: new Map([
      ['time', starts.length],
      ...(members ? [['number', members.length] as const] : []),
      [LEAD, leads.length],
      ...levels.map(({ name, values }) => [name, values.length] as const),
      ['latitude', latitude.length],
      ['longitude', longitude.length],
    ]),
    dimensionsOf,
    leadsAtOnce: ({ channels: own }) =>
      Math.min(leads.length, Math.max(1, Math.floor(PIECE_BYTES / (4 * own.length * points)))),
  };
}

function axesOf(outline: ForecastFileOutline, levels: readonly LevelAxis[]): FileParts['axes'] {
  const { latitude, longitude, calendar, members, starts, leads, leadUnits, validTime } = outline;
  const valid = starts.flatMap(start => leads.map(lead => validTime(start, lead)));
  const { units, ms } = timeUnits([...starts, ...valid]);
  const since = { units, calendar };
  const axis = (
    name: string,
    dimensions: readonly string[],
    values: Iterable<number>,
    attributes: Readonly<Record<string, string>>,
  ) => ({ variable: { name, type: 'double' as const, dimensions, attributes }, values: [...values] });
  return [
    axis(
      'time',
      ['time'],
      starts.map(time => time / ms),
      { ...since, standard_name: 'forecast_reference_time', long_name: 'initial time', axis: 'T' },
    ),
    ...(members ? [axis('number', ['number'], members, axisAttributes.member)] : []),
    axis(LEAD, [LEAD], leads, {
      units: leadUnits,
      standard_name: 'forecast_period',
      long_name: 'lead time',
    }),
    ...levels.map(({ name, values }) => axis(name, [name], values, axisAttributes.level)),
    axis('latitude', ['latitude'], Array.from(latitude), axisAttributes.latitude),
    axis('longitude', ['longitude'], Array.from(longitude), axisAttributes.longitude),
    axis(
      'valid_time',
      ['time', LEAD],
      valid.map(time => time / ms),
      { ...since, standard_name: 'time', long_name: 'valid time' },
    ),
  ];
}
