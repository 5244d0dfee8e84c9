/** Reads a box of a Zarr store: the chunks that it touches, and nothing else. */

import { DataError } from '../../io/data-error.ts';
import { forEachLimited } from '../../io/limited.ts';
import { bytes } from '../../io/number-text.ts';
import { clashOf } from '../cf/steps.ts';
import { type Stretch, stretchesOf } from '../cf/stretches.ts';
import { packingOf, type StoredType } from '../cf/unpack.ts';
import type { ZarrSelection } from '../choice/choice.ts';
import type { Dataset, Progress, SourceFields } from '../dataset.ts';
import { countMissing } from '../missing.ts';
import { putter, scatterStretch } from '../netcdf/fields.ts';
import { membersOf, type RecordAxis, sliceAxis, withMembers } from '../record-axis.ts';
import { blockStarts, heaviest } from '../record-blocks.ts';
import { type ColumnBox, checkBox, columnPlaces, columnsOf, type DataBox } from '../slice.ts';
import { chunkBytes, chunksOf, type ReadChunk, readChunk, type Wanted } from './chunks.ts';
import { type Chosen, choose } from './store.ts';
import type { ZarrField, ZarrStore, ZarrVariable } from './types.ts';

export interface ZarrReading {
  readonly dataset: Dataset;
  /** Compressed bytes of this reading. */
  readonly bytesRead: number;
  /** Chunks that the store does not have: their values are missing. */
  readonly absentChunks: number;
}

/** What is wanted of one variable, for all its levels together: a chunk may hold several. */
export interface VariablePart {
  readonly variable: ZarrVariable;
  readonly wanted: Wanted;
  /** For each dimension the place in the output of each wanted index, -1 for none; their sum is the value's place. */
  readonly places: readonly ArrayLike<number>[];
  /** How many versions of the same values count before this one. */
  readonly turn: number;
  /** See `clashOf`. */
  readonly clash: string | undefined;
}

/** The box that holds all that is selected. */
export function wholeBox(store: ZarrStore, selection: ZarrSelection): DataBox {
  const { fields, statics } = choose(store, selection);
  return {
    channels: fields.map((_, i) => i),
    statics: statics.map((_, i) => i),
    latitudeFrom: 0,
    latitudeTo: store.grid.latitude.length,
  };
}

export function fieldsOfZarr(store: ZarrStore, selection: ZarrSelection): SourceFields {
  const { fields, statics, from, to, ensemble } = choose(store, selection);
  const axis = withMembers(sliceAxis(store.time, from, to), ensemble.members);
  return {
    channels: fields.map(({ channel }) => channel),
    statics: statics.length,
    latitude: store.grid.latitude,
    longitude: store.grid.longitude,
    ...axis,
    blocks: blocksOf(store, fields, from, axis),
  };
}

function blocksOf(
  store: ZarrStore,
  fields: readonly ZarrField[],
  from: number,
  axis: RecordAxis,
): Int32Array | undefined {
  const chunked = heaviest(
    fields.map(({ variable, roles }) => ({
      steps: variable.array.chunks[roles.indexOf('time')],
      bytes: chunkBytes(variable),
    })),
  );
  if (!chunked) return undefined;
  const storedAt = new Map(store.storedSteps.map((step, index) => [step, index]));
  const members = membersOf(axis);
  return blockStarts(axis.times.length, record =>
    Math.floor((storedAt.get(from + Math.floor(record / members)) ?? 0) / chunked.steps),
  );
}

/**
 * @param box indices among the channels, static fields, columns and steps of the selection; all of it where absent
 * @returns the box alone, as a data set
 * @throws DataError where chunks cannot be read, RangeError where the box reaches beyond the selection
 */
export async function readZarr(
  store: ZarrStore,
  selection: ZarrSelection,
  box: ColumnBox = wholeBox(store, selection),
  progress: Progress = () => {},
): Promise<ZarrReading> {
  const chosen = checked(store, selection, box);
  const axis = withMembers(sliceAxis(store.time, chosen.from, chosen.to), chosen.ensemble.members);
  const { latitudeFrom, latitudeTo, timeFrom = 0, timeTo = axis.times.length } = box;
  const points = (latitudeTo - latitudeFrom) * (box.columns?.length ?? store.grid.longitude.length);
  const values = allocate((timeTo - timeFrom) * box.channels.length * points);
  const statics = allocate(box.statics.length * points);
  const before = store.count.bytes;

  const jobs = [
    ...partsOf(store, chosen, box, 'fields').flatMap(part => jobsOf(part, values)),
    ...partsOf(store, chosen, box, 'statics').flatMap(part => jobsOf(part, statics)),
  ];
  let [done, absentChunks] = [0, 0];
  const turns = Math.max(0, ...jobs.map(({ part }) => part.turn + 1));
  for (let turn = 0; turn < turns; turn++) {
    const now = jobs.filter(({ part }) => part.turn === turn);
    await forEachLimited(now, async ({ part, coordinates, out }) => {
      progress(`Reading ${part.variable.name} of ${store.name}`, done / jobs.length);
      const chunk = await readChunk(part.variable, coordinates);
      // What is not stored is not known, whatever the fill value: 0 K is no temperature.
      if (chunk) scatterChunk(part, coordinates, chunk, out);
      else absentChunks++;
      done++;
    });
  }
  progress(`Reading ${store.name}`, 1);
  checkAbsent(
    store,
    jobs.map(job => job.part.variable),
  );
  return {
    dataset: {
      source: store.name,
      synthetic: false,
      channels: box.channels.map(c => chosen.fields[c].channel),
      statics: box.statics.map((s, i) => ({
        channel: chosen.statics[s].channel,
        values: statics.slice(i * points, (i + 1) * points),
      })),
      latitude: store.grid.latitude.slice(latitudeFrom, latitudeTo),
      longitude: store.grid.longitude,
      periodic: store.grid.periodic,
      ...(box.columns && columnsOf(store.grid, box.columns)),
      ...sliceAxis(axis, timeFrom, timeTo),
      values,
      hasMissing: countMissing(values) > 0,
    },
    bytesRead: store.count.bytes - before,
    absentChunks,
  };
}

function checked(store: ZarrStore, selection: ZarrSelection, box: ColumnBox): Chosen {
  const chosen = choose(store, selection);
  checkBox(box, {
    channels: chosen.fields.length,
    statics: chosen.statics.length,
    rows: store.grid.latitude.length,
    columns: store.grid.longitude.length,
    steps: (chosen.to - chosen.from) * membersOf(chosen.ensemble),
  });
  return chosen;
}

/** The variables that a box touches, by their versions. Places count in [record, channel, row, column] of the box. */
export function partsOf(
  store: ZarrStore,
  chosen: Chosen,
  box: ColumnBox,
  which: 'fields' | 'statics',
): VariablePart[] {
  const { grid, storedSteps } = store;
  const members = membersOf(chosen.ensemble);
  const steps = chosen.to - chosen.from;
  const { latitudeFrom, latitudeTo, timeFrom = 0, timeTo = steps * members } = box;
  const [first, last] = [chosen.from + timeFrom / members, chosen.from + timeTo / members];
  const columns = box.columns?.length ?? grid.longitude.length;
  const placeOfColumn = columnPlaces(grid.longitude.length, box.columns);
  /** Of a region no chunk is read but those that it touches. */
  const storedColumns = Array.from(grid.columnOf, placeOfColumn);
  const wantedColumns = storedColumns.flatMap((place, i) => (box.columns && place < 0 ? [] : [i]));
  const points = (latitudeTo - latitudeFrom) * columns;
  const indices = which === 'fields' ? box.channels : box.statics;
  const range = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

  const byVariable = new Map<ZarrVariable, { field: ZarrField; place: number }[]>();
  indices.forEach((index, i) => {
    const field = chosen[which][index];
    const levels = byVariable.get(field.variable) ?? [];
    byVariable.set(field.variable, [...levels, { field, place: i * points }]);
  });
  const state = indices.length * points;
  const within: number[] = [];
  storedSteps.forEach((step, i) => {
    if (step >= first && step < last) within.push(i);
  });
  const time = { wanted: within, places: within.map(i => (storedSteps[i] - first) * members * state) };
  /** Of a field without time there is one: of the first member that is read. */
  const places =
    which === 'fields' ? chosen.ensemble.places : chosen.ensemble.places.map(p => (p === 0 ? 0 : -1));
  const read = range(0, places.length).filter(i => places[i] >= 0);
  const member = { wanted: read, places: read.map(i => places[i] * state) };
  const partOf = (
    variable: ZarrVariable,
    levels: { field: ZarrField; place: number }[],
    turn: number,
  ): VariablePart => {
    levels.sort((a, b) => a.field.level - b.field.level);
    const { roles, versions } = levels[0].field;
    const along = {
      time,
      member,
      version: { wanted: [versions[turn]], places: [0] },
      level: { wanted: levels.map(({ field }) => field.level), places: levels.map(({ place }) => place) },
      latitude: {
        wanted: range(latitudeFrom, latitudeTo),
        places: range(0, latitudeTo - latitudeFrom).map(row => row * columns),
      },
      longitude: { wanted: wantedColumns, places: wantedColumns.map(i => storedColumns[i]) },
      single: { wanted: [0], places: [0] },
    };
    const axes = roles.map(role => along[role]);
    // A variable without levels has its channel's place from the first dimension on.
    const shift = roles.includes('level') ? 0 : levels[0].place;
    return {
      variable,
      turn,
      clash:
        turn === 0 && roles.includes('time')
          ? clashOf(storedSteps, store.time, `${store.name}: ${variable.name}`)
          : undefined,
      wanted: axes.map(axis => axis.wanted),
      places: axes.map((axis, d) =>
        d === 0 && shift > 0 ? Array.from(axis.places, shifted(shift)) : axis.places,
      ),
    };
  };
  return [...byVariable].flatMap(([variable, levels]) =>
    levels[0].field.versions.map((_, turn) => partOf(variable, levels, turn)),
  );
}

/** -1 stays: it stands for no place. */
const shifted = (by: number) => (place: number) => (place < 0 ? place : place + by);

function jobsOf(part: VariablePart, out: Float32Array) {
  return chunksOf(part.variable, part.wanted).map(coordinates => ({ part, coordinates, out }));
}

/**
 * Writes the wanted values of a chunk, unpacked, to their places; NaN where missing, which what is not known yet is already.
 */
function scatterChunk(
  { variable, wanted, places, clash, turn }: VariablePart,
  coordinates: readonly number[],
  chunk: ReadChunk,
  out: Float32Array,
): void {
  const { array, attributes } = variable;
  const packing = packingOf(attributes, storedType(array.dtype));
  // Of the first version nothing is known yet.
  const put = turn === 0 && clash === undefined ? undefined : putter(out, clash);
  const data = inDoubles(chunk.data);
  /** Of the wanted indices that lie in the chunk: where in it, and where in the output. */
  const along = wanted.map((indices, d): readonly Stretch[] => {
    const from: number[] = [];
    const to: number[] = [];
    const first = coordinates[d] * array.chunks[d];
    for (let i = 0; i < indices.length; i++) {
      const within = indices[i] - first;
      if (within < 0 || within >= array.chunks[d] || places[d][i] < 0) continue;
      from.push(within * chunk.stride[d]);
      to.push(places[d][i]);
    }
    return stretchesOf(from, to);
  });
  const walk = (d: number, source: number, target: number): void => {
    for (const stretch of along[d]) {
      if (d === along.length - 1) {
        scatterStretch(packing, data, source, out, target, stretch, put);
        continue;
      }
      const { from, to, count, fromStep, toStep } = stretch;
      for (let i = 0; i < count; i++) {
        walk(d + 1, source + from + i * fromStep, target + to + i * toStep);
      }
    }
  };
  walk(0, 0, 0);
}

/** Whole numbers of 64 bits as doubles. */
function inDoubles(data: ReadChunk['data']): ArrayLike<number> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float64Array.from(data, Number)
    : data;
}

/** @param dtype as zarrita names it: `int16`, `float32`, `bool` */
function storedType(dtype: string): StoredType {
  const [, kind = 'uint', bits = '8'] = /^(u?int|float)(\d+)$/.exec(dtype) ?? [];
  return {
    kind: kind === 'float' ? 'float' : kind === 'int' ? 'signed' : 'unsigned',
    bytes: Number(bits) / 8,
  };
}

/** @throws DataError where a chunk is not there and nothing says what it would hold */
function checkAbsent({ absent, name }: ZarrStore, variables: readonly ZarrVariable[]): void {
  for (const variable of new Set(variables)) {
    const keys = [...absent].filter(key => isChunk(key, variable.name));
    if (keys.length > 0 && (variable.array.fillValue ?? null) === null) {
      throw new DataError(
        `${name} lacks ${keys.length} chunk(s) of ${variable.name} (${keys[0]}), and names no fill value for them. Download it again.`,
      );
    }
  }
}

const isChunk = (key: string, variable: string) => key.startsWith(`/${variable}/`) && /\d$/.test(key);

function allocate(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length).fill(Number.NaN);
  } catch {
    throw new DataError(
      `The box needs ${bytes(4 * length)} of memory, more than one array may have here. Use fewer years or channels, or a mesh of more ranks.`,
    );
  }
}
