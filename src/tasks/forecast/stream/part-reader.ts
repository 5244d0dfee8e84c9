/**
 * Reads a rank's part where it lies: once through, for its statistics; then piece by piece, normalised, for the samples that
 * are asked for, ahead of them as far as the memory allows. It knows nothing of the model or the device, and lives in a worker.
 */
import type { BoxedSource } from '../../../data/boxed-source.ts';
import type { Progress, StaticField } from '../../../data/dataset.ts';
import { membersOf } from '../../../data/record-axis.ts';
import { bytes, count } from '../../../io/number-text.ts';
import type { MeasuredPart } from '../held-part.ts';
import { fillShardInput, fillShardOutputs, type HeldStates, recordOffsets } from '../sample-fields.ts';
import {
  type GridFrame,
  normOf,
  readBoxOf,
  type SharedStatistics,
  withOwnPosition,
} from '../slice-moments.ts';
import {
  dataBoxOf,
  normalisedStates,
  type ShardBox,
  type ShardHead,
  shardHead,
  trainingRecords,
} from '../slice-task.ts';
import { openKeptPass, type PassWanted } from './kept-pass.ts';
import { createPieceCache, type PieceCache } from './piece-cache.ts';
import { type Pieces, piecesOf } from './pieces.ts';
import { streamedMoments } from './streamed-moments.ts';
import type { PreparedPart, ReadSample } from './streamed-shard.ts';
import { recordBytes, windowWords } from './windows.ts';

/** Shares of the memory: pieces that are there, of which one at most so large, and reads that go on. */
const HELD_SHARE = 0.75;
const LARGEST_SHARE = 0.2;
const AT_ONCE_BYTES = 2 ** 25;
/** Records that lie by themselves: smaller ones are read together, for a request costs more. */
const LEAST_BYTES = 2 ** 14;
const STRETCH_BYTES = 2 ** 23;
/** Samples that are told of beforehand, where they are drawn from all; of windows, two of them. */
const AHEAD = 256;

export interface PartReader {
  /** Once through all records. */
  measure(progress: Progress): Promise<MeasuredPart>;
  prepare(shared: SharedStatistics): PreparedPart;
  /** Samples that are drawn next, in order. */
  expect(samples: Int32Array): void;
  sample(time: number): Promise<ReadSample>;
}

interface Prepared {
  readonly head: ShardHead;
  /** See `recordOffsets`. */
  readonly offsets: readonly number[];
  readonly cache: PieceCache<HeldStates>;
}

/** What a part is read of, and how. */
export interface PartOf extends Pick<PassWanted, 'choice' | 'store' | 'keepMs'> {
  readonly source: BoxedSource;
  readonly frame: GridFrame;
  readonly box: ShardBox;
  /** Bytes that it may take. */
  readonly memory: number;
}

export function createPartReader(part: PartOf): PartReader {
  const { source, frame, box, memory } = part;
  const readBox = readBoxOf(frame, box);
  const data = dataBoxOf(frame, box);
  const rows = data.latitudeTo - data.latitudeFrom;
  const size = 4 * data.channels.length * rows * frame.longitude.length;
  const limits = { least: LEAST_BYTES, most: LARGEST_SHARE * memory };
  const members = membersOf(frame);
  const pieces = piecesOf(frame.times.length, frame.blocks, size, limits, members);
  /** Once through, in order, more is read at a time. */
  const least = Math.min(STRETCH_BYTES, limits.most);
  const stretches = piecesOf(frame.times.length, frame.blocks, size, { ...limits, least }, members);
  let statics: readonly StaticField[] = [];
  let climatology = new Float32Array();
  /** That one pass through all records takes, and that were read up to its end here. */
  let [passBytes, bytesBefore] = [0, 0];
  let prepared: Prepared | undefined;

  const read = async ([timeFrom, timeTo]: readonly [number, number], statics: readonly number[] = []) =>
    (await source.read({ ...readBox, statics, timeFrom, timeTo })).dataset;
  const record = async (index: number) => {
    const first = index - (index % members);
    const { values } = await read([first, first + members]);
    return values.slice(((index - first) * size) / 4, ((index - first + 1) * size) / 4);
  };
  const bytesSoFar = () => source.count?.bytes ?? 0;

  return {
    async measure(progress) {
      const before = bytesSoFar();
      statics = (await read([0, 0], readBox.statics)).statics;
      const kept = await openKeptPass({ ...part, record });
      const moments = streamedMoments(frame, box, kept.state);
      const records = frame.times.length;
      const begun = bytesSoFar();
      const done = kept.state?.records ?? 0;
      /** From a record to the end of the stretch that it lies in: elsewhere it may have been cut otherwise. */
      const stretchAt = (from: number) => [from, stretches.rangeOf(stretches.of(from))[1]] as const;
      // The next one is read while one is measured.
      let next = done < records ? read(stretchAt(done)) : undefined;
      for (let from = done; next; ) {
        progress('Measuring the data', from / records);
        const block = await next;
        passBytes = kept.bytesRead + bytesSoFar() - begun;
        const [, to] = stretchAt(from);
        next = to < records ? read(stretchAt(to)) : undefined;
        next?.catch(() => undefined);
        moments.add(block, from);
        await kept.keep(from, block.values, moments.state, passBytes);
        from = to;
      }
      passBytes = kept.bytesRead + bytesSoFar() - begun;
      progress('Measuring the data', 1);
      const { climatology: fitted, part: measured } = moments.finish(statics);
      climatology = Float32Array.from(fitted);
      bytesBefore = bytesSoFar();
      return {
        part: measured,
        climatology,
        bytesRead: bytesBefore - before,
        notes: [...notesOn(frame, pieces, size, memory), ...kept.notes],
      };
    },
    prepare(shared) {
      const whole = { ...frame, ...shared };
      const norm = normOf(frame, box, climatology, shared);
      const slice = { statics: withOwnPosition(frame, data, statics), longitude: frame.longitude };
      const head = shardHead(whole, box, slice, norm);
      const isPadded = head.height !== rows || head.width !== frame.longitude.length;
      const states = async (piece: number): Promise<HeldStates> => {
        const block = await read(pieces.rangeOf(piece));
        const into = isPadded ? undefined : block.values;
        return { ...normalisedStates(whole, box, block, norm, into), first: pieces.rangeOf(piece)[0] };
      };
      const padded = 4 * data.channels.length * head.height * head.width;
      const bytesOf = (piece: number) => {
        const [from, to] = pieces.rangeOf(piece);
        return (to - from) * padded * (shared.masked ? 1.25 : 1);
      };
      prepared?.cache.clear();
      const cache = createPieceCache({
        read: states,
        bytesOf,
        most: HELD_SHARE * memory,
        mostAtOnce: Math.min(AT_ONCE_BYTES, LARGEST_SHARE * memory),
      });
      prepared = { head, offsets: recordOffsets(head), cache };
      const { train, windows } = head;
      const share = trainingRecords(frame) / frame.times.length;
      return {
        head,
        ahead: windows ? Math.ceil((2 * windows.runs * train.length) / windows.starts.length) : AHEAD,
        idealBytesPerSample: (passBytes * share) / Math.max(1, train.length),
      };
    },
    expect(samples) {
      if (!prepared) return;
      const { offsets, cache } = prepared;
      const wanted = new Set<number>();
      for (const time of samples) for (const offset of offsets) wanted.add(pieces.of(time + offset));
      cache.expect([...wanted]);
    },
    async sample(time) {
      if (!prepared) throw new Error('The part is read before its statistics are known.');
      const { head, offsets, cache } = prepared;
      const own = [...new Set(offsets.map(offset => pieces.of(time + offset)))];
      const found = new Map(
        await Promise.all(own.map(async piece => [piece, await cache.get(piece)] as const)),
      );
      const statesAt = (record: number) => found.get(pieces.of(record))!;
      const points = head.height * head.width;
      const input = new Float32Array(head.inputs.length * points);
      const target = new Float32Array(head.targets.length * points);
      fillShardInput(head, statesAt, time, input, 0);
      fillShardOutputs(head, statesAt, 'values', time, target, 0);
      const bytesRead = bytesSoFar() - bytesBefore;
      if (!statesAt(time).known) return { input, target, bytesRead };
      const mask = new Float32Array(target.length);
      fillShardOutputs(head, statesAt, 'known', time, mask, 0);
      return { input, target, mask, bytesRead };
    },
  };
}

/** What is said of data that are read while the model trains. */
function notesOn(frame: GridFrame, pieces: Pieces, size: number, memory: number): string[] {
  const whole = frame.times.length * recordBytes(frame);
  const notes = [
    `The data take ${bytes(whole)} unpacked, more than the ${bytes(memory)} of memory for them: they are read while the model trains.`,
  ];
  const words = windowWords(frame);
  if (words) notes.push(words);
  if (pieces.isCut) {
    const records = Math.floor((LARGEST_SHARE * memory) / size);
    notes.push(
      `A chunk takes more than a fifth of that memory: it is read for every ${count(records)} of its records anew. More memory for data reads it less often.`,
    );
  }
  return notes;
}
