/**
 * A reader of data that stay where they lie: a rank's part of them, or whole fields of some records. It may live in a worker, so
 * what it is given and gives can be structured-cloned.
 */
import type { BoxedSource } from '../../../data/boxed-source.ts';
import type { BoxedChoice } from '../../../data/choice/choice.ts';
import type { Progress } from '../../../data/dataset.ts';
import { openBoxed } from '../../../data/open-boxed.ts';
import { membersOf } from '../../../data/record-axis.ts';
import type { MeasuredPart } from '../held-part.ts';
import { gridFrame, type SharedStatistics } from '../slice-moments.ts';
import type { ShardBox } from '../slice-task.ts';
import type { TaskOptions } from '../task.ts';
import type { PassWanted } from './kept-pass.ts';
import { createPartReader, type PartReader } from './part-reader.ts';
import { type PassStore, passStoreOf } from './pass-store.ts';
import type { PreparedPart, SampleReader } from './streamed-shard.ts';

/** Which data, and the memory for them in bytes. */
export interface ReaderOrder {
  readonly choice: BoxedChoice;
  readonly options: TaskOptions;
  readonly memory: number;
}

/** Fields of records, in the order in which they were asked for. */
export interface ReadStates {
  readonly states: readonly Float32Array<ArrayBuffer>[];
  /** So far, by this reader. */
  readonly bytesRead: number;
}

export interface DataReader extends SampleReader {
  /** Once through a part. @throws DataError where it cannot be read */
  measure(order: ReaderOrder, box: ShardBox, progress: Progress): Promise<MeasuredPart>;
  prepare(shared: SharedStatistics): Promise<PreparedPart>;
  /** Whole fields of records, [channel, latitude, longitude] each. */
  states(order: ReaderOrder, records: readonly number[]): Promise<ReadStates>;
}

/** How data are opened, and where what is measured of them is kept: other ways for tests. */
export interface ReaderWays extends Pick<PassWanted, 'keepMs'> {
  readonly open: (choice: BoxedChoice) => Promise<BoxedSource>;
  readonly storeOf: (choice: BoxedChoice) => PassStore | undefined;
}

const usualWays: ReaderWays = { open: openBoxed, storeOf: passStoreOf };

export function createDataReader({ open, storeOf, keepMs }: ReaderWays = usualWays): DataReader {
  let source: Promise<BoxedSource> | undefined;
  let part: PartReader | undefined;
  const opened = (choice: BoxedChoice) => {
    source ??= open(choice);
    return source;
  };
  const prepared = () => {
    if (!part) throw new Error('No part of the data was measured.');
    return part;
  };
  return {
    async measure({ choice, options, memory }, box, progress) {
      const from = await opened(choice);
      const frame = gridFrame(from.fields, options);
      const store = storeOf(choice);
      part = createPartReader({ source: from, frame, box, memory, choice, store, keepMs });
      return part.measure(progress);
    },
    prepare: async shared => prepared().prepare(shared),
    expect: samples => prepared().expect(samples),
    sample: time => prepared().sample(time),
    async states({ choice }, records) {
      const from = await opened(choice);
      const states = await readStates(from, records);
      return { states, bytesRead: from.count?.bytes ?? 0 };
    },
  };
}

/** Those that are stored together are read together. */
async function readStates(
  { fields, read }: BoxedSource,
  records: readonly number[],
): Promise<Float32Array<ArrayBuffer>[]> {
  const { channels, latitude, longitude, blocks = new Int32Array() } = fields;
  const size = channels.length * latitude.length * longitude.length;
  const members = membersOf(fields);
  const found = new Map<number, Float32Array<ArrayBuffer>>();
  const blockOf = (record: number) => blocks.findLastIndex(start => start <= record);
  const ascending = [...new Set(records)].sort((a, b) => a - b);
  for (let i = 0; i < ascending.length; ) {
    let end = i + 1;
    const isNear = (record: number) =>
      record === ascending[end - 1] + 1 ||
      (blockOf(record) >= 0 && blockOf(record) === blockOf(ascending[i]));
    while (end < ascending.length && isNear(ascending[end])) end++;
    // All members of a time are read together.
    const timeFrom = ascending[i] - (ascending[i] % members);
    const timeTo = members * Math.ceil((ascending[end - 1] + 1) / members);
    const { dataset } = await read({
      channels: channels.map((_, c) => c),
      statics: [],
      latitudeFrom: 0,
      latitudeTo: latitude.length,
      timeFrom,
      timeTo,
    });
    for (const record of ascending.slice(i, end)) {
      const at = (record - timeFrom) * size;
      found.set(record, Float32Array.from(dataset.values.subarray(at, at + size)));
    }
    i = end;
  }
  return records.map(record => found.get(record) ?? new Float32Array());
}
