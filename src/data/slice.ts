/**
 * Boxes of a data set: some of its channels and static fields, on a run of latitudes and steps. A rank of the mesh
 * holds such a box and nothing else.
 */
import type { Dataset } from './dataset.ts';
import { sliceAxis } from './record-axis.ts';

export interface DataBox {
  /** Indices among the data set's prognostic channels. */
  readonly channels: readonly number[];
  /** Indices among its static fields. */
  readonly statics: readonly number[];
  /** Rows, from the first (included) to the last (not included). */
  readonly latitudeFrom: number;
  readonly latitudeTo: number;
  /** Records, likewise, of all members of every time; all where absent. */
  readonly timeFrom?: number;
  readonly timeTo?: number;
}

/** A box of some columns: what a part of a source takes of it (`chosen-source.ts`). A rank holds all columns of its rows. */
export interface ColumnBox extends DataBox {
  /** In the order in which they are wanted; all where absent. */
  readonly columns?: readonly number[];
}

/** The sizes that a box is checked against. */
export interface BoxedSizes {
  readonly channels: number;
  readonly statics: number;
  readonly rows: number;
  readonly columns: number;
  readonly steps: number;
}

/** @throws RangeError where the box reaches beyond the data */
export function checkBox(box: ColumnBox, { channels, statics, rows, columns, steps }: BoxedSizes): void {
  const within = (what: string, from: number, to: number, size: number) => {
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= size)) {
      throw new RangeError(`The box takes ${what} ${from} to ${to}, of ${size} there are.`);
    }
  };
  for (const c of box.channels) within('channels', c, c + 1, channels);
  for (const x of box.columns ?? []) within('columns', x, x + 1, columns);
  for (const s of box.statics) within('static fields', s, s + 1, statics);
  within('rows', box.latitudeFrom, box.latitudeTo, rows);
  within('steps', box.timeFrom ?? 0, box.timeTo ?? steps, steps);
}

/** Where a column of the source goes in a row of the box; -1 for nowhere, as for no column. */
export function columnPlaces(all: number, columns?: readonly number[]): (column: number) => number {
  if (!columns) return column => column;
  const places = new Int32Array(all).fill(-1);
  columns.forEach((column, place) => {
    places[column] = place;
  });
  return column => (column < 0 ? -1 : places[column]);
}

/** The longitudes of some columns; they are no whole circle. */
export const columnsOf = (
  { longitude }: { readonly longitude: Float64Array },
  columns: readonly number[],
): Pick<Dataset, 'longitude' | 'periodic'> => ({
  longitude: Float64Array.from(columns, x => longitude[x]),
  periodic: false,
});

/** A copy of the box, as a data set of its own. */
export function sliceDataset(dataset: Dataset, box: ColumnBox): Dataset {
  const { latitude, longitude, times, values } = dataset;
  const [rows, columns] = [latitude.length, longitude.length];
  checkBox(box, {
    channels: dataset.channels.length,
    statics: dataset.statics.length,
    rows,
    columns,
    steps: times.length,
  });
  const { latitudeFrom, latitudeTo, timeFrom = 0, timeTo = times.length } = box;
  const [first, last] = [latitudeFrom * columns, latitudeTo * columns];
  const cut = (field: Float32Array): Float32Array => {
    const inside = field.subarray(first, last);
    if (!box.columns) return inside;
    const own = box.columns;
    const out = new Float32Array((latitudeTo - latitudeFrom) * own.length);
    return out.map((_, p) => inside[Math.floor(p / own.length) * columns + own[p % own.length]]);
  };
  const points = (latitudeTo - latitudeFrom) * (box.columns?.length ?? columns);
  const out = new Float32Array((timeTo - timeFrom) * box.channels.length * points);
  let at = 0;
  for (let t = timeFrom; t < timeTo; t++) {
    for (const c of box.channels) {
      const field = (t * dataset.channels.length + c) * rows * columns;
      out.set(cut(values.subarray(field, field + rows * columns)), at);
      at += points;
    }
  }
  return {
    ...dataset,
    channels: box.channels.map(c => dataset.channels[c]),
    statics: box.statics.map(s => ({
      channel: dataset.statics[s].channel,
      values: cut(dataset.statics[s].values).slice(),
    })),
    latitude: latitude.slice(latitudeFrom, latitudeTo),
    ...(box.columns && columnsOf(dataset, box.columns)),
    ...sliceAxis(dataset, timeFrom, timeTo),
    values: out,
    hasMissing: dataset.hasMissing && out.some(Number.isNaN),
  };
}
