/**
 * A pass for statistics as it is kept, so that no later run need read for them again, and one that was cut off goes on where it
 * was: the sums after some records, by what the data are called and what of them is measured. Whether the data are still the same
 * is told by their sizes and times of change, and by the first and the last of the records that are in the sums, which are read again.
 */
import * as v from 'valibot';
import type { BoxedSource, SourceIdentity } from '../../../data/boxed-source.ts';
import { type BoxedChoice, partIn } from '../../../data/choice/choice.ts';
import { forEachLimited } from '../../../io/limited.ts';
import { count as number } from '../../../io/number-text.ts';
import { packArrays, unpackArrays } from '../../../io/packed-arrays.ts';
import { bytes, count, type Fields, floats, integers, text } from '../../../io/schemas.ts';
import { type GridFrame, readBoxOf } from '../slice-moments.ts';
import { dataBoxOf, type ShardBox } from '../slice-task.ts';
import { splitTime } from '../split.ts';
import type { PassStore } from './pass-store.ts';
import { type PassArrays, type PassState, passSizes } from './streamed-moments.ts';

/** Raised when sums are taken otherwise: then what was kept before is of no use. */
const VERSION = 1;

/** A pass is kept at its end, and this often meanwhile; less often where keeping it would take more than a twentieth of the time. */
const KEEP_MS = 5000;
const MOST_OF_TIME = 0.05;

/** Of many files there are more names and times than anyone reads. */
const MOST_TOLD = 400;
const brief = (words: string) => (words.length > MOST_TOLD ? `${words.slice(0, MOST_TOLD)}…` : words);

/** Chunks whose marks are kept, spread over all that were read: of each of them the server is asked whether it is the same. */
const MOST_MARKS = 64;
const LONGEST_MARK = 300;

/** What is kept beside the arrays. */
interface PassHead extends Omit<PassState, 'arrays'> {
  /** See `SourceIdentity`: for people, so not more of it than they read. */
  readonly stamp: string;
  /** Digests: of the whole stamp, of the axes, of the first record's fields, of the last's. */
  readonly source: string;
  readonly axes: string;
  readonly first: string;
  readonly last: string;
  /** See `ChunkMarks`. */
  readonly marks: readonly (readonly [key: string, mark: string])[];
  /** That the records took. */
  readonly bytesRead: number;
}

const headSchema = v.object({
  stamp: text(MOST_TOLD + 1),
  source: text(64),
  axes: text(64),
  first: text(64),
  last: text(64),
  marks: v.pipe(v.array(v.tuple([text(LONGEST_MARK), text(LONGEST_MARK)])), v.maxLength(MOST_MARKS)),
  bytesRead: count,
  records: count,
  training: count,
  hasMissing: v.boolean(),
  known: v.pipe(v.string(), v.regex(/^[01]*$/)),
} satisfies Fields<PassHead>);

const doubles = v.custom<Float64Array>(value => value instanceof Float64Array, 'no Float64Array');
const arraysSchema = v.object({
  first: floats,
  known: integers,
  right: doubles,
  squares: doubles,
  moments: doubles,
  whole: doubles,
  own: doubles,
  isOwn: bytes,
} satisfies Fields<PassArrays>);

export interface PassWanted {
  readonly store: PassStore | undefined;
  readonly choice: BoxedChoice;
  readonly source: Pick<BoxedSource, 'identity' | 'marks'>;
  readonly frame: GridFrame;
  readonly box: ShardBox;
  /** The fields of one record of the box. */
  record(index: number): Promise<Float32Array>;
  /** See `KEEP_MS`; 0 keeps it after all that is read at a time. */
  readonly keepMs?: number;
}

export interface KeptPass {
  /** To go on from. */
  readonly state?: PassState;
  /** Bytes that its records took when they were read. */
  readonly bytesRead: number;
  /** Sentences: what was not read again, or why it was. */
  readonly notes: string[];
  /**
   * Keeps it if it is time: after records that were added just now.
   *
   * @param first of these records, by its number
   * @param values their fields
   * @param bytesRead of all records so far
   */
  keep(first: number, values: Float32Array, state: () => PassState, bytesRead: number): Promise<void>;
}

/** Where data do not tell that they have changed, nothing is kept of them. */
export async function openKeptPass(wanted: PassWanted): Promise<KeptPass> {
  const { store, source } = wanted;
  const identity = store && (await source.identity?.());
  if (!store || !identity) return { bytesRead: 0, notes: [], keep: async () => undefined };
  const key = await keyOf(wanted, identity);
  const [name, stamp] = [brief(identity.name), brief(identity.stamp)];
  const now = { name, stamp, source: await digest(identity.stamp), axes: await axesOf(wanted) };
  const { found, note } = await readKept(store, key, now, wanted);
  const notes = note === undefined ? [] : [note];
  const { keepMs = KEEP_MS, frame } = wanted;
  const size = passSizes(frame, wanted.box).first;
  let firstRecord = found?.first;
  let [nextAt, isBroken] = [performance.now() + keepMs, false];
  return {
    ...(found && { state: found.state }),
    bytesRead: found?.bytesRead ?? 0,
    notes,
    async keep(first, values, state, bytesRead) {
      const begun = performance.now();
      if (first === 0) firstRecord = await digest(values.slice(0, size));
      const isLast = first + values.length / size === frame.times.length;
      if (isBroken || firstRecord === undefined || (begun < nextAt && !isLast)) return;
      const { arrays, ...sums } = state();
      const last = await digest(values.slice(-size));
      const { source, axes } = now;
      const marks = spread([...new Map([...(found?.marks ?? []), ...(wanted.source.marks?.read ?? [])])]);
      const head: PassHead = { ...sums, stamp, source, axes, first: firstRecord, last, marks, bytesRead };
      try {
        await store.write(key, packArrays(head, { ...arrays }));
      } catch (error) {
        // As well without: a full disk is no reason not to train.
        isBroken = true;
        notes.push(
          `The statistics of ${name} could not be kept (${(error as Error).message}): they are measured again in the next run.`,
        );
      }
      const tookMs = performance.now() - begun;
      nextAt = begun + (keepMs === 0 ? 0 : Math.max(keepMs, tookMs / MOST_OF_TIME));
    },
  };
}

interface FoundPass extends Pick<PassHead, 'bytesRead' | 'first' | 'marks'> {
  readonly state: PassState;
}

/** Some of many, evenly. */
function spread(marks: PassHead['marks']): PassHead['marks'] {
  const fit = marks.filter(words => words.every(({ length }) => length <= LONGEST_MARK));
  if (fit.length <= MOST_MARKS) return fit;
  return Array.from({ length: MOST_MARKS }, (_, i) => fit[Math.floor((i * fit.length) / MOST_MARKS)]);
}

async function readKept(
  store: PassStore,
  key: string,
  now: SourceIdentity & Pick<PassHead, 'source' | 'axes'>,
  wanted: PassWanted,
): Promise<{ readonly found?: FoundPass; readonly note?: string }> {
  const kept = await store
    .read(key)
    .then(found => found && unpacked(found, wanted))
    .catch(() => undefined);
  if (!kept) return {};
  const { head, arrays } = kept;
  const { name, stamp } = now;
  if (head.source !== now.source || head.axes !== now.axes) {
    return {
      note: `${name} has changed since its statistics were kept (they are of ${head.stamp}; now it has ${stamp}): they are measured anew.`,
    };
  }
  const other = await changedChunk(head.marks, wanted);
  if (other !== undefined) {
    return {
      note: `${name} has changed since its statistics were kept (its chunk ${other} was written anew): they are measured anew.`,
    };
  }
  const [first, last] = [await wanted.record(0), await wanted.record(head.records - 1)];
  if (head.first !== (await digest(first)) || head.last !== (await digest(last))) {
    return {
      note: `${name} has other values than when its statistics were kept, though it is as large and as old (${stamp}): they are measured anew.`,
    };
  }
  const { records, training, hasMissing, known, bytesRead, marks } = head;
  const total = wanted.frame.times.length;
  return {
    found: { state: { records, training, hasMissing, known, arrays }, bytesRead, first: head.first, marks },
    note:
      records === total
        ? `The statistics of ${name} were kept from an earlier run.`
        : `Measuring ${name} went on after ${number(records)} of ${number(total)} records, where an earlier run was cut off.`,
  };
}

/** One of which the server says otherwise than it did. */
async function changedChunk(marks: PassHead['marks'], { source }: PassWanted): Promise<string | undefined> {
  let changed: string | undefined;
  await forEachLimited(marks, async ([key, mark]) => {
    const now = await source.marks?.now(key);
    if (now !== mark) changed ??= key.slice(1);
  });
  return changed;
}

/** Undefined for what is no pass of these data: then it is as if nothing had been kept. */
function unpacked(kept: Uint8Array, { frame, box }: PassWanted) {
  const { head, arrays } = unpackArrays(kept);
  const [told, sums] = [v.safeParse(headSchema, head), v.safeParse(arraysSchema, arrays)];
  if (!told.success || !sums.success) return undefined;
  const sizes = passSizes(frame, box);
  const isOf = (name: keyof PassArrays) =>
    sums.output[name].length === sizes[name] ||
    ((name === 'own' || name === 'isOwn') && sums.output.own.length + sums.output.isOwn.length === 0);
  const names = Object.keys(arraysSchema.entries) as (keyof PassArrays)[];
  const { records, known } = told.output;
  const isWhole = records > 0 && records <= frame.times.length && known.length === records;
  return isWhole && names.every(isOf) ? { head: told.output, arrays: sums.output } : undefined;
}

/** What is measured of data of this name. */
function keyOf({ choice, frame, box }: PassWanted, { name }: SourceIdentity): Promise<string> {
  const { channels, latitudeFrom, latitudeTo } = readBoxOf(frame, box);
  const { harmonics, normalisation, split } = frame.options;
  return digest(
    JSON.stringify([
      VERSION,
      name,
      partIn(choice),
      channels.map(c => frame.channels[c].name),
      [latitudeFrom, latitudeTo],
      { harmonics, normalisation, split },
    ]),
  );
}

/** Of what was measured where and when. */
function axesOf({ frame, box }: PassWanted): Promise<string> {
  const { latitudeFrom, latitudeTo } = dataBoxOf(frame, box);
  const { times, latitude, longitude, calendar } = frame;
  const { to } = splitTime(frame, frame.options).train;
  return digest(
    JSON.stringify([
      [...times],
      [...latitude.subarray(latitudeFrom, latitudeTo)],
      [...longitude],
      calendar,
      to,
    ]),
  );
}

/** SHA-256, in hexadecimal digits. */
async function digest(content: string | Float32Array): Promise<string> {
  const bytes =
    typeof content === 'string'
      ? new TextEncoder().encode(content)
      : Uint8Array.from(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, byte => byte.toString(16).padStart(2, '0')).join('');
}
