/**
 * How the ranks of a run come by their shards of a forecast. Either rank 0 cuts them from the task that it holds, as it
 * does where it is alone; or, where the source is read in boxes, every rank reads its own: it is asked to read and to
 * tell the moments of its part; all parts together give the statistics, and with those it makes its shard. For a rank that
 * cannot reach the source, as the folder that a user chose in another page, rank 0 reads; the rank keeps what it is given
 * as one that reads keeps its part, so that rank 0 need not.
 */
import { type DataChoice, isBoxed } from '../../data/choice/choice.ts';
import { syntheticTask } from '../../data/choice/synthetic.ts';
import type { Progress } from '../../data/dataset.ts';
import { loadDataset } from '../../data/load.ts';
import { DataError } from '../../io/data-error.ts';
import type { Frame } from '../../models/model.ts';
import type { OpenContext, Opened, SampleWindows } from '../task.ts';
import { boxesOf, frameOfShape } from './frame.ts';
import { makeTask } from './make-task.ts';
import { partTask } from './part-task.ts';
import { runTask } from './run-task.ts';
import { sliceTask } from './slice-task.ts';
import type { ForecastOptions, ForecastTask } from './task.ts';
import type { ForecastTypes } from './types.ts';

type Context = OpenContext<ForecastTypes>;

/** @throws DataError, ConfigError, PeerError */
export async function openForecast(
  choice: DataChoice,
  preset: ForecastOptions,
  context: Context,
): Promise<Opened<ForecastTypes>> {
  const options = choice.kind === 'synthetic' ? { ...preset, ...syntheticTask } : preset;
  const { before } = context;
  // A rank that was alone before, and is again, has the data as it needs them.
  const isAsBefore = context.ranks === 1 && before !== undefined && !before.kept.split;
  if (isAsBefore && !isWhole(before.kept.task)) return { data: before, others: [] };
  let windows: SampleWindows | undefined;
  if (isBoxed(choice) && !isAsBefore) {
    // Loaded on demand: what is computed is not read in boxes.
    const { openSource } = await import('./open-source.ts');
    const opened = await openSource(choice, options, context);
    if (context.ranks > 1 || !opened.fits) {
      const { readShards } = await import('./read-shards.ts');
      return readShards(choice, opened.source, options, context);
    }
    windows = opened.windows;
  }
  if (context.ranks > 1) {
    const whole = wholeBefore(context) ?? (await readWhole(choice, options, context.progress));
    return cutShards(whole, options, choice.kind, context);
  }
  const kept = wholeBefore(context);
  const whole = kept ?? (await readWhole(choice, options, context.progress));
  // What is kept is needed again where this run does not come about.
  return wholeShard(whole, options, choice.kind, context, { isOwn: !kept, windows });
}

/** A task in memory, and what it took to read it. */
interface ReadTask {
  readonly task: ForecastTask;
  readonly bytesRead: number;
}

/** All of the data set is in memory. */
const isWhole = ({ dataset }: ForecastTask) => dataset.firstStep === undefined;

function wholeBefore({ before }: Context): ReadTask | undefined {
  const task = before?.kept.task;
  return before && task && isWhole(task) ? { task, bytesRead: before.bytesRead } : undefined;
}

async function readWhole(
  choice: DataChoice,
  options: ForecastOptions,
  progress: Progress,
): Promise<ReadTask> {
  if (choice.kind !== 'embedded' && !isBoxed(choice)) {
    throw new DataError(
      'These are images; a forecast needs fields on a grid, in NetCDF files or a Zarr store.',
    );
  }
  const { dataset, bytesRead } = await loadDataset(choice, progress);
  return { task: makeTask(dataset, options), bytesRead };
}

const frameOf = (task: ForecastTask): Frame => frameOfShape(task, task.dataset.hasMissing);

/** Rank 0 keeps the task, so that it can be cut for another mesh. */
export function cutShards(
  { task, bytesRead }: ReadTask,
  options: ForecastOptions,
  choice: DataChoice['kind'],
  context: Pick<Context, 'blocksOf'>,
): Opened<ForecastTypes> {
  const frame = frameOf(task);
  const [first, ...others] = boxesOf(frame, context);
  return {
    data: {
      task: runTask(task, frame, options, choice),
      own: sliceTask(task, first),
      bytesRead,
      kept: { task, split: undefined },
    },
    others: others.map(box => () => ({ shard: sliceTask(task, box) })),
  };
}

/**
 * The data of a rank that is alone.
 *
 * @param how see `partTask` and `windowsOf`
 */
function wholeShard(
  { task: whole, bytesRead }: ReadTask,
  options: ForecastOptions,
  choice: DataChoice['kind'],
  context: Context,
  { isOwn, windows }: { readonly isOwn: boolean; readonly windows: SampleWindows | undefined },
): Opened<ForecastTypes> {
  const frame = frameOf(whole);
  const { shard, task } = partTask(whole, boxesOf(frame, context)[0], isOwn);
  return {
    data: {
      task: runTask(task, frame, options, choice),
      own: windows ? { ...shard, windows } : shard,
      bytesRead,
      kept: { task, split: undefined },
    },
    others: [],
  };
}
