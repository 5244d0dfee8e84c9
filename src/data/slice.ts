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

/** The sizes that a box is checked against. */
export interface BoxedSizes {
  readonly channels: number;
  readonly statics: number;
  readonly rows: number;
  readonly steps: number;
}

/** @throws RangeError where the box reaches beyond the data */
export function checkBox(box: DataBox, { channels, statics, rows, steps }: BoxedSizes): void {
  const within = (what: string, from: number, to: number, size: number) => {
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= size)) {
      throw new RangeError(`The box takes ${what} ${from} to ${to}, of ${size} there are.`);
    }
  };
  for (const c of box.channels) within('channels', c, c + 1, channels);
  for (const s of box.statics) within('static fields', s, s + 1, statics);
  within('rows', box.latitudeFrom, box.latitudeTo, rows);
  within('steps', box.timeFrom ?? 0, box.timeTo ?? steps, steps);
}

/** A copy of the box, as a data set of its own. */
export function sliceDataset(dataset: Dataset, box: DataBox): Dataset {
  const { latitude, longitude, times, values } = dataset;
  const [rows, columns] = [latitude.length, longitude.length];
  checkBox(box, {
    channels: dataset.channels.length,
    statics: dataset.statics.length,
    rows,
    steps: times.length,
  });
  const { latitudeFrom, latitudeTo, timeFrom = 0, timeTo = times.length } = box;
  const [first, last] = [latitudeFrom * columns, latitudeTo * columns];
  const out = new Float32Array((timeTo - timeFrom) * box.channels.length * (last - first));
  let at = 0;
  for (let t = timeFrom; t < timeTo; t++) {
    for (const c of box.channels) {
      const field = (t * dataset.channels.length + c) * rows * columns;
      out.set(values.subarray(field + first, field + last), at);
      at += last - first;
    }
  }
  return {
    ...dataset,
    channels: box.channels.map(c => dataset.channels[c]),
    statics: box.statics.map(s => ({
      channel: dataset.statics[s].channel,
      values: dataset.statics[s].values.slice(first, last),
    })),
    latitude: latitude.slice(latitudeFrom, latitudeTo),
    ...sliceAxis(dataset, timeFrom, timeTo),
    values: out,
    hasMissing: dataset.hasMissing && out.some(Number.isNaN),
  };
}
