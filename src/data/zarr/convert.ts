/**
 * Writes what any source holds as a Zarr store whose chunks suit training: a few steps of all levels on the whole map, or on
 * the rows of a rank, so that a batch is drawn from few of them. Fields come in turn, no more than the memory that is set
 * aside at once. A chunk is in its place when it is whole: what was written before the process ended is not read again, and
 * the store has the name of one (its metadata) only when it is complete.
 */
import { DataError } from '../../io/data-error.ts';
import type { WriteAt } from '../../io/write-at.ts';
import type { BoxedSource } from '../boxed-source.ts';
import { axisAttributes, timeUnits, type WrittenField, writtenFields } from '../cf/written.ts';
import type { Channel, Progress, StaticField } from '../dataset.ts';
import { membersOf } from '../record-axis.ts';
import { chunkPath, packedChunk, type WrittenArray, writeDocuments } from './write.ts';

/** Where a store is written. */
export interface StoreFolder {
  /** A file is there when it is whole. */
  readonly write: WriteAt;
  has(path: string): Promise<boolean>;
  /** Undefined where it is not there. */
  read(path: string): Promise<string | undefined>;
  remove(path: string): Promise<void>;
}

export interface ConvertOptions {
  /** What tells the source from others: what was written of another one is not gone on with. */
  readonly identity: string;
  /** Ranks that will share the data, by rows and by channels. */
  readonly mesh: { readonly rows: number; readonly columns: number };
  /** Of fields that are in memory at once; default 256 MiB. */
  readonly memoryBytes?: number;
}

export interface ConvertedStore {
  readonly arrays: readonly WrittenArray[];
  readonly chunks: number;
  /** Of those, what was there from before. */
  readonly kept: number;
  /** Compressed, of the chunks that were written now. */
  readonly bytes: number;
}

/** Bytes of a chunk, before it is packed, that are aimed at: enough for a request, few for a sample. */
const CHUNK_BYTES = 2 ** 20;
/** Bytes of fields in memory. */
const MEMORY_BYTES = 2 ** 28;
/** What a store is written from and how, while it is not complete. */
export const JOURNAL = '.isobar-writing.json';

/** @throws DataError where the folder has a store already, or a part of another one */
export async function convertToZarr(
  source: BoxedSource,
  folder: StoreFolder,
  { identity, mesh, memoryBytes = MEMORY_BYTES }: ConvertOptions,
  progress: Progress = () => {},
): Promise<ConvertedStore> {
  const { fields, about } = source;
  if (await folder.has('.zmetadata')) {
    throw new DataError('There is a whole store already. Delete it, or choose another name.');
  }
  const plan = planOf(source, mesh);
  await beginOrGoOn(folder, JSON.stringify({ identity, arrays: plan.map(({ array }) => array) }));
  const count = { chunks: 0, kept: 0, bytes: 0 };
  const write: WriteAt = async (path, position, bytes) => {
    count.bytes += bytes.length;
    await folder.write(path, position, bytes);
  };
  const times = fields.times.length / membersOf(fields);
  for (const [i, part] of plan.entries()) {
    const perTime = (part.array.shape.reduce((a, b) => a * b, 1) / times) * 4;
    const [step] = part.array.chunks;
    // Whole chunks, as many as fit.
    const span = Math.max(1, Math.floor(memoryBytes / (perTime * step))) * step;
    for (let from = 0; from < times; from += span) {
      const to = Math.min(times, from + span);
      await convertSpan(source, folder, part, { from, to }, write, count);
      progress(`Writing ${part.field.name}`, (i + to / times) / plan.length);
    }
  }
  const statics = await readStatics(source);
  const axes = axisArrays(source);
  const fixed = statics.map(field => staticArray(field, fields.latitude.length, fields.longitude.length));
  for (const { array, values } of [...axes, ...fixed]) {
    const first = array.shape.map(() => 0);
    await write(chunkPath(array, first), 0, await packedChunk(array, values));
  }
  const arrays = [...axes, ...plan, ...fixed].map(({ array }) => array);
  const title = about?.source ?? 'computed data';
  await writeDocuments(arrays, { Conventions: 'CF-1.10', title }, write);
  await folder.remove(JOURNAL);
  return { arrays, ...count };
}

/** An array and the channels that it is written of. */
interface PlannedArray {
  readonly array: WrittenArray;
  readonly field: WrittenField;
}

async function beginOrGoOn(folder: StoreFolder, journal: string): Promise<void> {
  const before = await folder.read(JOURNAL);
  if (before === journal) return;
  if (before !== undefined) {
    throw new DataError(
      'A store that is not complete is there, which was written from other data, or for another mesh. Delete it, or choose another name.',
    );
  }
  await folder.write(JOURNAL, 0, Uint8Array.from(new TextEncoder().encode(journal)));
}

function planOf({ fields }: BoxedSource, mesh: ConvertOptions['mesh']): PlannedArray[] {
  const { channels, latitude, longitude, times, members } = fields;
  const copies = membersOf(fields);
  const rows = Math.ceil(latitude.length / mesh.rows);
  return storedFields(channels).map(field => {
    const own = field.levels ? field.channels.length : 1;
    const levels = mesh.columns > 1 ? 1 : own;
    const steps = times.length / copies;
    const perStep = 4 * levels * rows * longitude.length;
    const atOnce = Math.min(steps, Math.max(1, Math.floor(CHUNK_BYTES / perStep)));
    const along = <T>(time: T, member: T, level: T, others: readonly T[]) => [
      time,
      ...(members ? [member] : []),
      ...(field.levels ? [level] : []),
      ...others,
    ];
    const array: WrittenArray = {
      name: field.name,
      type: 'float',
      dimensions: along('time', 'number', 'level', ['latitude', 'longitude']),
      shape: along(steps, copies, own, [latitude.length, longitude.length]),
      chunks: along(atOnce, 1, levels, [rows, longitude.length]),
      attributes: field.attributes,
    };
    return { array, field };
  });
}

/** As channels of a store are read: on one axis of levels, that of most channels; those on others by themselves. */
function storedFields(channels: readonly Channel[]): WrittenField[] {
  const fields = writtenFields(channels);
  const channelsOn = (axis: string) =>
    fields.reduce((sum, { levels, channels: own }) => sum + (levels?.name === axis ? own.length : 0), 0);
  const axes = [...new Set(fields.flatMap(({ levels }) => levels?.name ?? []))];
  const main = axes.toSorted((a, b) => channelsOn(b) - channelsOn(a))[0];
  return fields.flatMap(field => {
    if (!field.levels || field.levels.name === main) return [field];
    return field.channels.map(c => {
      const { name, longName, units } = channels[c];
      return { name, channels: [c], attributes: { long_name: longName, units } };
    });
  });
}

/** Times, counted without members. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Reads a field over some of its chunks in time, and writes those that are not there. */
async function convertSpan(
  { fields, read }: BoxedSource,
  folder: StoreFolder,
  { array, field }: PlannedArray,
  { from, to }: Span,
  write: WriteAt,
  count: { chunks: number; kept: number },
): Promise<void> {
  const { latitude, longitude } = fields;
  const copies = membersOf(fields);
  const [step] = array.chunks;
  const rows = array.chunks[array.chunks.length - 2];
  const atOnce = field.levels ? array.chunks[array.chunks.length - 3] : 1;
  const places = tuples([
    Math.ceil((to - from) / step),
    copies,
    field.channels.length / atOnce,
    Math.ceil(latitude.length / rows),
  ]).map(([time, member, level, row]) => {
    const ofTime = from / step + time;
    const [members, levels] = [fields.members ? [member] : [], field.levels ? [level] : []];
    const path = chunkPath(array, [ofTime, ...members, ...levels, row, 0]);
    return { time: ofTime * step, member, level: level * atOnce, row: row * rows, path };
  });
  const there = await Promise.all(places.map(({ path }) => folder.has(path)));
  const lacking = places.filter((_, i) => !there[i]);
  count.chunks += places.length;
  count.kept += places.length - lacking.length;
  if (lacking.length === 0) return;
  const { dataset } = await read({
    channels: field.channels,
    statics: [],
    latitudeFrom: 0,
    latitudeTo: latitude.length,
    timeFrom: from * copies,
    timeTo: to * copies,
  });
  const columns = longitude.length;
  for (const { time, member, level, row, path } of lacking) {
    const values = new Float32Array(step * atOnce * rows * columns).fill(Number.NaN);
    const height = Math.min(rows, latitude.length - row);
    for (let t = time; t < Math.min(to, time + step); t++) {
      for (let l = 0; l < atOnce; l++) {
        const record = (t - from) * copies + member;
        const start = ((record * field.channels.length + level + l) * latitude.length + row) * columns;
        const at = ((t - time) * atOnce + l) * rows * columns;
        values.set(dataset.values.subarray(start, start + height * columns), at);
      }
    }
    await write(path, 0, await packedChunk(array, values));
  }
}

/** All index tuples below the sizes, row-major. */
function tuples(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (found, size) => found.flatMap(tuple => Array.from({ length: size }, (_, i) => [...tuple, i])),
    [[]],
  );
}

async function readStatics({ fields, read }: BoxedSource): Promise<readonly StaticField[]> {
  if (fields.statics === 0) return [];
  const { dataset } = await read({
    channels: [],
    statics: Array.from({ length: fields.statics }, (_, s) => s),
    latitudeFrom: 0,
    latitudeTo: fields.latitude.length,
    timeFrom: 0,
    timeTo: membersOf(fields),
  });
  return dataset.statics;
}

interface WholeArray {
  readonly array: WrittenArray;
  readonly values: ArrayLike<number>;
}

function axisArrays({ fields }: BoxedSource): WholeArray[] {
  const { channels, latitude, longitude, times, members, calendar = 'standard' } = fields;
  const copies = membersOf(fields);
  const own = Array.from(times).filter((_, record) => record % copies === 0);
  const { units, ms } = timeUnits(own);
  const levels = storedFields(channels).find(field => field.levels)?.levels?.values;
  const axis = (
    name: string,
    values: readonly number[],
    attributes: Readonly<Record<string, string>>,
  ): WholeArray => ({ array: wholeArray(name, 'double', [name], [values.length], attributes), values });
  return [
    axis(
      'time',
      own.map(time => time / ms),
      { units, calendar, standard_name: 'time', axis: 'T' },
    ),
    ...(members ? [axis('number', members, axisAttributes.member)] : []),
    ...(levels ? [axis('level', levels, axisAttributes.level)] : []),
    axis('latitude', Array.from(latitude), axisAttributes.latitude),
    axis('longitude', Array.from(longitude), axisAttributes.longitude),
  ];
}

function staticArray({ channel, values }: StaticField, rows: number, columns: number): WholeArray {
  const { name, longName, units } = channel;
  const attributes = { long_name: longName, units };
  return {
    array: wholeArray(name, 'float', ['latitude', 'longitude'], [rows, columns], attributes),
    values,
  };
}

/** In one chunk. */
const wholeArray = (
  name: string,
  type: WrittenArray['type'],
  dimensions: readonly string[],
  shape: readonly number[],
  attributes: WrittenArray['attributes'],
): WrittenArray => ({ name, type, dimensions, shape, chunks: shape, attributes });
