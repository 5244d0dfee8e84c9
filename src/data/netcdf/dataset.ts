/** Turns NetCDF classic files, or a box of what they hold together, into a data set. */

import { DataError } from '../../io/data-error.ts';
import { bytes, count } from '../../io/number-text.ts';
import { whyNoField } from '../cf/axes.ts';
import { clashOf } from '../cf/steps.ts';
import type { Dataset, Progress } from '../dataset.ts';
import { countMissing } from '../missing.ts';
import { membersOf, type RecordAxis, sliceAxis, withMembers } from '../record-axis.ts';
import { type ColumnBox, checkBox, columnPlaces, columnsOf, type DataBox } from '../slice.ts';
import type { SourceAbout } from '../source-about.ts';
import { describeNetcdf, type NetcdfDescription, type NetcdfPart } from './description.ts';
import { type FileFields, type GridField, type InnerPlaces, innerPlaces, scatter } from './fields.ts';
import { readNetcdf } from './file.ts';
import { externalTypes, product } from './types.ts';

/**
 * Reads files that were opened together.
 *
 * @throws DataError where a file cannot be read or the files do not fit together
 */
export function datasetFromNetcdf(
  files: readonly { readonly name: string; readonly bytes: ArrayBuffer }[],
  part: NetcdfPart = {},
  progress: Progress = () => {},
): Dataset {
  const description = describeNetcdf(
    files.map(({ name, bytes }) => readNetcdf(bytes, name)),
    part,
  );
  const dataset = readDescribed(description, wholeOf(description), progress);
  const { channels, latitude, longitude, times } = dataset;
  const points = latitude.length * longitude.length;
  missingByChannel(dataset.values, channels.length, points).forEach((missing, c) => {
    if (missing === times.length * points) {
      throw new DataError(
        `The variable ${channels[c].name} of ${description.channels[c].sources[0].content.file.name} is missing everywhere (all ${count(missing)} values). Leave it out or check its fill value.`,
      );
    }
  });
  return dataset;
}

/** The box of all that is described. */
export function wholeOf({ channels, statics, grid }: NetcdfDescription): DataBox {
  return {
    channels: channels.map((_, i) => i),
    statics: statics.map((_, i) => i),
    latitudeFrom: 0,
    latitudeTo: grid.latitude.length,
  };
}

/** One field of one file, and where its values go: see `scatter`. */
export interface FieldPlace {
  readonly content: FileFields;
  readonly field: GridField;
  readonly offsets: readonly ArrayLike<number>[];
  readonly inner: InnerPlaces;
  /** See `Scattering`. */
  readonly isFirst: boolean;
  readonly from: number;
  /** See `clashOf`. */
  readonly clash: string | undefined;
}

/** Where all fields of a box go. */
export interface BoxPlaces {
  readonly channels: readonly FieldPlace[];
  readonly statics: readonly FieldPlace[];
}

/** @throws RangeError where the box reaches beyond the data */
export const boxPlaces = (description: NetcdfDescription, box: ColumnBox): BoxPlaces => ({
  channels: placesOf(description, box, 'channels'),
  statics: placesOf(description, box, 'statics'),
});

/**
 * Reads a box, whose bytes must be at hand.
 *
 * @throws RangeError where the box reaches beyond the data
 */
export function readDescribed(
  description: NetcdfDescription,
  box: ColumnBox,
  progress: Progress = () => {},
  places = boxPlaces(description, box),
): Dataset {
  const { source, channels, statics, grid } = description;
  const axis = recordAxis(description);
  const { latitudeFrom, latitudeTo, timeFrom = 0, timeTo = axis.times.length } = box;
  const points = (latitudeTo - latitudeFrom) * (box.columns?.length ?? grid.longitude.length);
  const values = allocate((timeTo - timeFrom) * box.channels.length * points);
  const fixed = allocate(box.statics.length * points);
  const { channels: fields } = places;
  fields.forEach(({ content: { file }, field: { variable }, offsets, ...how }, done) => {
    progress(`Reading ${variable.name} of ${file.name}`, done / fields.length);
    scatter(file, variable, offsets, values, how);
  });
  for (const { content, field, offsets, from } of places.statics) {
    scatter(content.file, field.variable, offsets, fixed, { from });
  }
  progress('Reading files', 1);
  return {
    source,
    synthetic: false,
    channels: box.channels.map(c => channels[c].channel),
    statics: box.statics.map((s, i) => ({
      channel: statics[s].channel,
      values: fixed.slice(i * points, (i + 1) * points),
    })),
    latitude: grid.latitude.slice(latitudeFrom, latitudeTo),
    longitude: grid.longitude,
    periodic: grid.periodic,
    ...(box.columns && columnsOf(grid, box.columns)),
    ...sliceAxis(axis, timeFrom, timeTo),
    values,
    hasMissing: countMissing(values) > 0,
  };
}

export function aboutNetcdf({ source, channels, statics, contents }: NetcdfDescription): SourceAbout {
  const fields = new Set([
    ...channels.flatMap(({ sources }) => sources.map(({ field }) => field.variable)),
    ...statics.map(({ field }) => field.variable),
  ]);
  const leftOut = contents.flatMap(({ file, kinds, coordinates }) =>
    [...file.variables.values()]
      .filter(variable => !fields.has(variable) && !coordinates.has(variable))
      .map(({ name, type, dimensions }) => ({
        name: contents.length > 1 ? `${name} of ${file.name}` : name,
        why:
          type === 'char'
            ? 'is text'
            : whyNoField(dimensions, new Map([...kinds].map(([dimension, { kind }]) => [dimension, kind]))),
      })),
  );
  const storage = [...fields].map(({ name, dimensions, shape, type, chunks }) => ({
    name,
    dimensions,
    shape,
    bytes: product(shape) * externalTypes[type].size,
    chunks,
  }));
  return {
    source,
    format: [...new Set(contents.map(({ file }) => file.format))].join(', '),
    leftOut,
    storage,
  };
}

export const recordAxis = ({ time, ensemble }: NetcdfDescription): RecordAxis =>
  withMembers(time, ensemble.members);

/** Where they go in [record, channel, row, column] of the box, or [static field, row, column]. */
function placesOf(
  { channels, statics, grid, time, ensemble }: NetcdfDescription,
  box: ColumnBox,
  which: 'channels' | 'statics',
): FieldPlace[] {
  const indices = box[which];
  const members = membersOf(ensemble);
  checkBox(box, {
    channels: channels.length,
    statics: statics.length,
    rows: grid.latitude.length,
    columns: grid.longitude.length,
    steps: time.times.length * members,
  });
  const { latitudeFrom, latitudeTo, timeFrom = 0, timeTo = time.times.length * members } = box;
  const columns = box.columns?.length ?? grid.longitude.length;
  const placeOfColumn = columnPlaces(grid.longitude.length, box.columns);
  const points = (latitudeTo - latitudeFrom) * columns;
  // A variable of many levels is read once for all of them, so go by the field rather than by the channel.
  const fields = new Map<GridField, { content: FileFields; places: Float64Array }>();
  indices.forEach((index, i) => {
    for (const { content, field, level } of which === 'channels'
      ? channels[index].sources
      : [statics[index]]) {
      if (!fields.has(field)) {
        fields.set(field, { content, places: new Float64Array(field.channels.length).fill(-1) });
      }
      fields.get(field)!.places[level] = i * points;
    }
  });
  const within = (index: number, from: number, to: number, stride: number) =>
    index >= from && index < to ? (index - from) * stride : -1;
  const state = indices.length * points;
  /** Of a field without time there is one: of the first member that is read. */
  const memberPlaces = ({ members }: GridField) =>
    which === 'channels'
      ? ensemble.places
      : (members ?? [0]).map((_, i) => (i === Math.max(0, ensemble.places.indexOf(0)) ? 0 : -1));
  const placeOf = (
    field: GridField,
    content: FileFields,
    places: Float64Array,
    version: number,
  ): FieldPlace => {
    const { steps, isAscending, clash } = storedSteps(content, time);
    const [stepFrom, stepTo] = [timeFrom / members, timeTo / members];
    // Of a long record that is read step by step, looking at all of them would take longer than reading one.
    const isPart = isAscending && field.roles[0] === 'time';
    const from = isPart ? firstFrom(steps, stepFrom) : 0;
    const stored = isPart ? steps.subarray(from, firstFrom(steps, stepTo)) : steps;
    const offsets = {
      time: timeOffsets(stored, stepFrom, stepTo, members * state),
      member: memberPlaces(field).map(place => place * state),
      version: field.versions.map((_, v) => (v === version ? 0 : -1)),
      level: places,
      latitude: content.grid.latitude.map((_, row) => within(row, latitudeFrom, latitudeTo, columns)),
      longitude: content.grid.columnOf.map(placeOfColumn),
      single: [0],
    };
    // Without a level dimension, the one channel's place is added along the first dimension.
    const shift = field.roles.includes('level') ? 0 : places[0];
    const along = field.roles.map((role, d) =>
      d === 0 && shift > 0 ? Array.from(offsets[role], at => (at < 0 ? -1 : at + shift)) : offsets[role],
    );
    const isFirstVersion = field.roles.includes('time') && version === field.versions[0];
    return {
      content,
      field,
      isFirst: isFirstVersion && clash === undefined,
      from,
      inner: innerOf(
        field,
        along,
        [version, state, latitudeFrom, latitudeTo, which, ...indices, 'of', ...(box.columns ?? [])].join(),
      ),
      // Of a later version only what is not known yet counts.
      clash: isFirstVersion ? clash?.(`${content.file.name}: ${field.variable.name}`) : undefined,
      offsets: along,
    };
  };
  return [...fields].flatMap(([field, { content, places }]) =>
    field.versions.map(version => placeOf(field, content, places, version)),
  );
}

function timeOffsets(steps: Int32Array, from: number, to: number, stride: number): Float64Array {
  const out = new Float64Array(steps.length).fill(-1);
  for (let i = 0; i < steps.length; i++) {
    if (steps[i] >= from && steps[i] < to) out[i] = (steps[i] - from) * stride;
  }
  return out;
}

/** Of the box that a field was read for last: who reads record by record asks for the same ones each time. */
const knownInner = new WeakMap<GridField, { readonly of: string; readonly inner: InnerPlaces }>();

/** Values of a record above which reading it takes far longer than finding out where they go. */
const MOST_KNOWN = 2 ** 21;

/** @param of all that they depend on */
function innerOf(field: GridField, offsets: readonly ArrayLike<number>[], of: string): InnerPlaces {
  const known = knownInner.get(field);
  if (known?.of === of && field.roles[0] === 'time') return known.inner;
  const inner = innerPlaces(offsets);
  if (product(offsets.slice(1).map(({ length }) => length)) <= MOST_KNOWN)
    knownInner.set(field, { of, inner });
  return inner;
}

/** The index of the first number that is no less, among ascending ones. */
function firstFrom(ascending: Int32Array, least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface StoredSteps {
  /** The step of each stored time. */
  readonly steps: Int32Array;
  readonly isAscending: boolean;
  /** See `clashOf`. */
  readonly clash: ((words: string) => string | undefined) | undefined;
}

/** Of long records this takes longer than reading one of them does. */
const knownSteps = new WeakMap<FileFields, StoredSteps>();

function storedSteps(content: FileFields, time: NetcdfDescription['time']): StoredSteps {
  const known = knownSteps.get(content);
  if (known) return known;
  const steps = Int32Array.from(content.times ?? [], time.stepOf);
  const isTwice = new Set(steps).size < steps.length;
  const isAscending = steps.every((step, i) => i === 0 || step >= steps[i - 1]);
  const made = {
    steps,
    isAscending,
    clash: isTwice ? (words: string) => clashOf([...steps], time, words) : undefined,
  };
  knownSteps.set(content, made);
  return made;
}

function allocate(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length).fill(Number.NaN);
  } catch {
    throw new DataError(
      `The data need ${bytes(4 * length)} of memory, more than one array may have here. Use fewer variables, levels or steps.`,
    );
  }
}

/** Missing values by channel. */
function missingByChannel(values: Float32Array, channels: number, points: number): number[] {
  const counts = new Array<number>(channels).fill(0);
  for (let i = 0, block = 0; i < values.length; block++, i += points) {
    counts[block % channels] += countMissing(values.subarray(i, i + points));
  }
  return counts;
}
