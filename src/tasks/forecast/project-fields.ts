/**
 * The fields of a project. xarray reads files and stores where they lie, told which variables and levels are the channels;
 * what it cannot be told of (members, levels without pressures, packed files), and what Isobar computes, is copied. Either
 * way the record is gone through once: which of it is known decides the samples, and some means tell later whether another
 * reader sees the same.
 */
import type { BoxedSource } from '../../data/boxed-source.ts';
import type { DataPart, FieldsChoice } from '../../data/choice/choice.ts';
import type { Channel, Dataset, Progress } from '../../data/dataset.ts';
import { loadDataset } from '../../data/load.ts';
import { openBoxed } from '../../data/open-boxed.ts';
import { axisOf, membersOf } from '../../data/record-axis.ts';
import type { DataBox } from '../../data/slice.ts';
import { type Calendar, isoDay, parseDay, yearMs } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { type ArraySink, writeWhole } from '../array-sink.ts';

/** What of a source is needed here. */
type Source = Pick<BoxedSource, 'fields' | 'about'> & {
  readonly read: (box: DataBox) => Promise<{ readonly dataset: Dataset }>;
};

/** What a reader of the record must find in one of its records, by channel. */
interface Probe {
  readonly record: number;
  readonly known: readonly number[];
  /** Of the known values; 0 where there are none. */
  readonly mean: readonly number[];
}

interface FieldsCommon {
  readonly channels: readonly Pick<Channel, 'name' | 'variable' | 'levelHPa' | 'units'>[];
  readonly records: number;
  readonly members: number;
  readonly stepHours: number;
  readonly stepMonths: number | null;
  readonly calendar: Calendar;
  /** Of the calendar's year. */
  readonly yearMs: number;
  /** Records of which no value is known. */
  readonly unknownRecords: readonly number[];
  readonly probes: readonly Probe[];
}

export type ProjectFields =
  | (FieldsCommon & { readonly kind: 'arrays'; readonly folder: string })
  | (FieldsCommon & {
      readonly kind: 'files' | 'zarr';
      /** For xarray: paths or addresses. */
      readonly paths: readonly string[];
      readonly statics: readonly Pick<Channel, 'name' | 'variable' | 'levelHPa'>[];
      readonly latitude: readonly number[];
      readonly longitude: readonly number[];
      readonly fromMs?: number;
      readonly toMs?: number;
    });

export type EmbeddedChoice = Extract<FieldsChoice, { readonly kind: 'embedded' }>;
export type FieldsWithoutValues = Omit<EmbeddedFields, 'values'>;
type EmbeddedFields = Dataset & { readonly values: Float32Array<ArrayBuffer> };

/** The embedded atmosphere as this engine computes it. @throws DataError where it does not fit into memory */
export async function embeddedFields(choice: EmbeddedChoice): Promise<EmbeddedFields> {
  const { dataset } = await loadDataset(choice);
  const { values } = dataset;
  if (!(values.buffer instanceof ArrayBuffer))
    throw new TypeError('the values are shared with other threads');
  return { ...dataset, values: new Float32Array(values.buffer, values.byteOffset, values.length) };
}

export interface FieldsRequest {
  readonly choice: FieldsChoice;
  /** Where xarray finds them: paths or addresses. Empty for what is computed. */
  readonly paths: readonly string[];
  /**
   * Computes the embedded atmosphere. It is chaotic, and sines differ in their last digit from one engine to another: this
   * must be the engine that the run was trained in.
   */
  readonly embedded: (choice: EmbeddedChoice) => Promise<Dataset>;
  /** Copy them whatever they are. */
  readonly copy: boolean;
  readonly sink: ArraySink;
  /** The folder that the sink writes to, as the project sees it. */
  readonly folder: string;
  readonly progress: Progress;
}

/** Bytes of fields that are held at once. */
const PART_BYTES = 2 ** 26;

/** @returns what the project reads, and a sentence on why it is copied, where nobody asked for that */
export async function projectFields(
  request: FieldsRequest,
): Promise<{ readonly fields: ProjectFields; readonly note?: string }> {
  const { choice, paths, copy, sink, folder } = request;
  const source = await openSource(request);
  const { channels, latitude, longitude, calendar, stepHours, stepMonths } = source.fields;
  const why = copy ? undefined : whyCopied(source, request);
  const isCopied = copy || why !== undefined;
  const found = await goThrough(source, isCopied ? sink : undefined, request.progress);
  const common: FieldsCommon = {
    channels: channels.map(({ name, variable, levelHPa, units }) => ({ name, variable, levelHPa, units })),
    records: source.fields.times.length,
    members: membersOf(source.fields),
    stepHours,
    stepMonths: stepMonths ?? null,
    calendar: calendar ?? 'standard',
    yearMs: yearMs(calendar),
    unknownRecords: found.unknownRecords,
    probes: found.probes,
  };
  const isComputed = paths.length === 0;
  if (isCopied || isComputed) {
    return { fields: { ...common, kind: 'arrays', folder }, note: isComputed ? undefined : why };
  }
  const { from, to } = partOf(choice);
  return {
    fields: {
      ...common,
      kind: choice.kind === 'zarr' ? 'zarr' : 'files',
      paths,
      statics: found.statics.map(({ channel: { name, variable, levelHPa } }) => ({
        name,
        variable,
        levelHPa,
      })),
      latitude: Array.from(latitude),
      longitude: Array.from(longitude),
      ...(from !== undefined && { fromMs: parseDay(from, calendar) }),
      ...(to !== undefined && { toMs: parseDay(to, calendar) }),
    },
  };
}

async function openSource({ choice, embedded }: FieldsRequest): Promise<Source> {
  if (choice.kind !== 'embedded') return openBoxed(choice);
  const dataset = await embedded(choice);
  const { channels, statics, latitude, longitude, values, times } = dataset;
  const size = values.length / times.length;
  return {
    fields: { ...axisOf(dataset), channels, statics: statics.length, latitude, longitude, times },
    read: async ({ timeFrom = 0, timeTo = times.length }) => ({
      dataset: { ...dataset, values: values.subarray(timeFrom * size, timeTo * size) },
    }),
  };
}

/** What of files or of a store is trained on. */
function partOf(choice: FieldsChoice): DataPart {
  if (choice.kind === 'zarr') return choice.selection;
  return (choice.kind === 'files' && choice.part) || {};
}

/** Why xarray cannot be told what the channels are; undefined where it can. */
function whyCopied({ fields, about }: Source, { choice, paths }: FieldsRequest): string | undefined {
  if (paths.length === 0) return 'they are computed';
  if (paths.some(path => /\.(gz|zip)$/i.test(path))) return 'they are packed';
  const { member, region, thin } = partOf(choice);
  if (fields.members || member !== undefined) return 'they are of an ensemble';
  if (region || thin) return 'they are a part of the grid, or thinned';
  const places = fields.channels.map(({ variable, levelHPa }) => `${variable} ${levelHPa ?? ''}`);
  if (new Set(places).size < places.length) {
    return 'several channels are of one variable, on levels that are no pressures or of several files';
  }
  const onLevels = new Set(
    fields.channels.flatMap(({ variable, levelHPa }) => (levelHPa === undefined ? [] : variable)),
  );
  const further = about?.storage.find(
    ({ name, shape }) => shape.filter(size => size > 1).length > (onLevels.has(name) ? 4 : 3),
  );
  return further && `${further.name} has a dimension beside time, level, latitude and longitude`;
}

interface Found extends Pick<FieldsCommon, 'unknownRecords' | 'probes'> {
  readonly statics: Dataset['statics'];
}

/** Reads all of it, part by part. @param sink where it is copied to, if it is */
async function goThrough(
  { fields, read }: Source,
  sink: ArraySink | undefined,
  progress: Progress,
): Promise<Found> {
  const { channels, latitude, longitude, times, steps } = fields;
  const records = times.length;
  const points = latitude.length * longitude.length;
  const state = channels.length * points;
  const members = membersOf(fields);
  const shape = [records, channels.length, latitude.length, longitude.length];
  const copied = await sink?.open('values', '<f4', shape);
  const atOnce = Math.max(1, Math.floor(PART_BYTES / (4 * state * members))) * members;
  const probed = new Set([0, Math.floor(records / 2), records - 1]);
  const [unknownRecords, probes]: [number[], Probe[]] = [[], []];
  let statics: Dataset['statics'] = [];
  for (let from = 0; from < records; from += atOnce) {
    progress('Going through the fields', from / records);
    const to = Math.min(records, from + atOnce);
    const { dataset } = await read({
      channels: channels.map((_, c) => c),
      statics: from === 0 ? Array.from({ length: fields.statics }, (_, s) => s) : [],
      latitudeFrom: 0,
      latitudeTo: latitude.length,
      timeFrom: from,
      timeTo: to,
    });
    const { values } = dataset;
    if (from === 0) statics = dataset.statics;
    await copied?.write(values);
    for (let record = from; record < to; record++) {
      const own = values.subarray((record - from) * state, (record - from + 1) * state);
      if (!own.some(value => !Number.isNaN(value))) unknownRecords.push(record);
      if (probed.has(record)) probes.push(probeOf(record, own, points));
    }
  }
  await copied?.close();
  if (sink) {
    const plain = Float32Array.from(statics.flatMap(({ values }) => Array.from(values)));
    await writeWhole(sink, 'statics', '<f4', [statics.length, latitude.length, longitude.length], plain);
    await writeWhole(sink, 'latitude', '<f8', [latitude.length], latitude);
    await writeWhole(sink, 'longitude', '<f8', [longitude.length], longitude);
    await writeWhole(sink, 'times', '<f8', [records], times);
    const numbers =
      steps ?? Int32Array.from({ length: records }, (_, record) => Math.floor(record / members));
    await writeWhole(sink, 'steps', '<i4', [records], numbers);
  }
  progress('Going through the fields', 1);
  return { statics, unknownRecords, probes };
}

function probeOf(record: number, state: Float32Array, points: number): Probe {
  const known: number[] = [];
  const mean: number[] = [];
  for (let from = 0; from < state.length; from += points) {
    const values = state.subarray(from, from + points).filter(value => !Number.isNaN(value));
    known.push(values.length);
    mean.push(
      values.length === 0 ? 0 : Array.from(values).reduce((sum, value) => sum + value, 0) / values.length,
    );
  }
  return { record, known, mean };
}

/** A split by dates with the dates as times of the data's calendar. @throws DataError where the calendar lacks one */
export function datedSplit(
  split: { readonly validationFrom: string; readonly testFrom: string },
  calendar: Calendar,
): { readonly validationFromMs: number; readonly testFromMs: number } {
  const [validationFromMs, testFromMs] = [split.validationFrom, split.testFrom].map(day =>
    parseDay(day, calendar),
  );
  if (validationFromMs <= testFromMs) return { validationFromMs, testFromMs };
  throw new DataError(
    `The split validates from ${split.validationFrom} and tests from ${split.testFrom}, which are no days of the data's calendar, in this order (the first day of 1970 is ${isoDay(0, calendar)}).`,
  );
}
