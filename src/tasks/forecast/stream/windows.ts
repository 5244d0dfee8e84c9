/**
 * In which order samples are drawn where the data are too large to be shuffled as a whole. It follows from what is stored and
 * how, never from the memory of whoever reads it: every rank draws the same, with whatever budget.
 */
import type { SourceFields } from '../../../data/dataset.ts';
import { bytes, count } from '../../../io/number-text.ts';
import type { SampleWindows } from '../../task.ts';
import type { SampleOptions } from '../sample-options.ts';
import { splitTime } from '../split.ts';

/** Data that take no more unpacked are shuffled as a whole. */
export const SHUFFLED_WHOLE_BYTES = 2 ** 30;
/** Unpacked records that samples are drawn from at a time, of at least one run. */
const WINDOW_BYTES = 2 ** 28;

type Stored = Pick<
  SourceFields,
  'channels' | 'latitude' | 'longitude' | 'times' | 'stepHours' | 'members' | 'calendar' | 'blocks'
> & { readonly options: SampleOptions };

/** Unpacked bytes of a record of all channels. */
export const recordBytes = ({
  channels,
  latitude,
  longitude,
}: Pick<Stored, 'channels' | 'latitude' | 'longitude'>) =>
  4 * channels.length * latitude.length * longitude.length;

/** Undefined where samples are drawn from all of them. */
export function windowsOf(frame: Stored): SampleWindows | undefined {
  const { blocks, times } = frame;
  const size = recordBytes(frame);
  if (!blocks || times.length * size <= SHUFFLED_WHOLE_BYTES) return undefined;
  const { to } = splitTime(frame, frame.options).train;
  const starts = blocks.filter(start => start < to);
  const runs = Math.max(1, Math.floor(WINDOW_BYTES / (longestRun(starts, to) * size)));
  return runs < starts.length ? { starts, runs } : undefined;
}

function longestRun(starts: Int32Array, end: number): number {
  return starts.reduce((most, from, i) => Math.max(most, (starts[i + 1] ?? end) - from), 1);
}

/** What is said of the order; undefined where there is nothing to say. */
export function windowWords(frame: Stored): string | undefined {
  const windows = windowsOf(frame);
  if (!windows) return undefined;
  const { to } = splitTime(frame, frame.options).train;
  const records = longestRun(windows.starts, to);
  const window = windows.runs * records;
  return (
    `Samples are drawn in random order from ${windows.runs === 1 ? 'one chunk' : `${count(windows.runs)} chunks`} of ${count(records)} records at a time ` +
    `(${bytes(window * recordBytes(frame))} unpacked), and the ${count(windows.starts.length)} chunks of a pass in random order: ` +
    `drawn from all, each sample would read a chunk of its own, ${count(records)} times as much in all.`
  );
}
