/** Reads a source once from end to end, a part at a time, for what is told of its values: moments, and what is missing where. */
import type { BoxedSource } from '../../data/boxed-source.ts';
import type { Dataset } from '../../data/dataset.ts';
import { membersOf } from '../../data/record-axis.ts';
import type { DataBox } from '../../data/slice.ts';

/** Bytes of fields that are held at once. */
const PART_BYTES = 2 ** 26;

/** What was found in the records that have been read. */
export interface Swept {
  /** Of every channel, and of every static field. */
  readonly channels: readonly Moments[];
  readonly statics: Dataset['statics'];
  /** One a record: no number where nothing of it is known. What is not read yet counts as known. */
  readonly known: Float32Array;
  /** Values of all channels and records read that are missing, [latitude, longitude]. */
  readonly missing: Uint32Array;
  /** The first field of which anything is known, [latitude, longitude]. */
  readonly first:
    | { readonly channel: number; readonly record: number; readonly values: Float32Array }
    | undefined;
  /** Records that have been read. */
  readonly read: number;
  readonly bytesRead: number;
  readonly absentChunks: number;
}

/** Mean and variance in one pass (Welford, 1962), of the known values. */
export class Moments {
  count = 0;
  mean = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #squares = 0;

  add(value: number): void {
    if (Number.isNaN(value)) return;
    const delta = value - this.mean;
    this.mean += delta / ++this.count;
    this.#squares += delta * (value - this.mean);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** No number where nothing was added. */
  get deviation(): number {
    return Math.sqrt(this.#squares / this.count);
  }
}

/**
 * @param most bytes of fields: of a source that has more, only the first time is read
 * @param told after every part but the last, of what has been found up to then
 * @throws DataError where the source cannot be read
 */
export async function sweep(
  { fields, read }: BoxedSource,
  most: number,
  told: (found: Swept) => void,
): Promise<Swept> {
  const { channels, latitude, longitude, times } = fields;
  const points = latitude.length * longitude.length;
  const copies = membersOf(fields);
  const perTime = 4 * copies * channels.length * points;
  const last = perTime * (times.length / copies) > most ? copies : times.length;
  const atOnce = Math.max(1, Math.floor(PART_BYTES / perTime)) * copies;
  let found: Swept = {
    channels: channels.map(() => new Moments()),
    statics: [],
    known: new Float32Array(times.length),
    missing: new Uint32Array(points),
    first: undefined,
    read: 0,
    bytesRead: 0,
    absentChunks: 0,
  };
  while (found.read < last) {
    const from = found.read;
    const to = Math.min(last, from + atOnce);
    const box: DataBox = {
      channels: channels.map((_, c) => c),
      statics: from === 0 ? Array.from({ length: fields.statics }, (_, s) => s) : [],
      latitudeFrom: 0,
      latitudeTo: latitude.length,
      timeFrom: from,
      timeTo: to,
    };
    const part = await read(box);
    const { values, statics } = part.dataset;
    found.known.fill(Number.NaN, from, to);
    let { first } = found;
    for (let at = 0, block = 0; at < values.length; block++) {
      const record = from + Math.floor(block / channels.length);
      const channel = block % channels.length;
      const moments = found.channels[channel];
      const before = moments.count;
      for (let point = 0; point < points; point++, at++) {
        const value = values[at];
        if (Number.isNaN(value)) found.missing[point]++;
        else moments.add(value);
      }
      if (moments.count === before) continue;
      found.known[record] = 0;
      first ??= { channel, record, values: values.slice(at - points, at) };
    }
    found = {
      ...found,
      statics: from === 0 ? statics : found.statics,
      first,
      read: to,
      bytesRead: found.bytesRead + part.bytesRead,
      absentChunks: found.absentChunks + (part.absentChunks ?? 0),
    };
    if (to < last) told(found);
  }
  return found;
}
