/**
 * Reads a source once from end to end, or a sample of it, a part at a time, for what is told of its values: moments, and what is missing
 * where.
 */
import type { BoxedSource } from '../../data/boxed-source.ts';
import type { Dataset } from '../../data/dataset.ts';
import { membersOf } from '../../data/record-axis.ts';
import type { DataBox } from '../../data/slice.ts';

/** Bytes of fields that are held at once. */
const PART_BYTES = 2 ** 26;

/** A sample has so many runs of steps at most, and so many bytes where a run of them allows. */
const SAMPLED_RUNS = 64;
const SAMPLE_BYTES = 2 ** 27;

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
 * @param most bytes of fields: of a source that has more, a sample is read
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
  const atOnce = Math.max(1, Math.floor(PART_BYTES / perTime)) * copies;
  const isWhole = perTime * (times.length / copies) <= most;
  const runs = isWhole ? [[0, times.length] as const] : sampleOf(fields, perTime / copies);
  const parts = runs.flatMap(([first, last]) =>
    Array.from({ length: Math.ceil((last - first) / atOnce) }, (_, i) => {
      const from = first + i * atOnce;
      return [from, Math.min(last, from + atOnce)] as const;
    }),
  );
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
  for (const [i, [from, to]] of parts.entries()) {
    const box: DataBox = {
      channels: channels.map((_, c) => c),
      statics: i === 0 ? Array.from({ length: fields.statics }, (_, s) => s) : [],
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
      statics: i === 0 ? statics : found.statics,
      first,
      read: found.read + to - from,
      bytesRead: found.bytesRead + part.bytesRead,
      absentChunks: found.absentChunks + (part.absentChunks ?? 0),
    };
    if (i < parts.length - 1) told(found);
  }
  return found;
}

/**
 * Runs of records, from the first on and evenly from there: single times where each lies by itself; else what is stored together, for it is
 * read whole in any case.
 *
 * @param recordBytes of fields
 */
function sampleOf(
  fields: BoxedSource['fields'],
  recordBytes: number,
): (readonly [from: number, to: number])[] {
  const { times, blocks } = fields;
  const copies = membersOf(fields);
  const starts = blocks ?? Int32Array.from({ length: times.length / copies }, (_, t) => t * copies);
  const endOf = (run: number) => starts[run + 1] ?? times.length;
  const longest = starts.reduce((most, start, run) => Math.max(most, endOf(run) - start), 1);
  const fit = Math.floor(SAMPLE_BYTES / (longest * recordBytes));
  const count = Math.max(1, Math.min(SAMPLED_RUNS, starts.length, fit));
  // Of a run that is larger than a sample the first times.
  const most = copies * Math.max(1, Math.floor(SAMPLE_BYTES / (copies * recordBytes)));
  return Array.from({ length: count }, (_, i) => {
    const run = Math.floor((i * starts.length) / count);
    return [starts[run], Math.min(endOf(run), starts[run] + most)] as const;
  });
}
