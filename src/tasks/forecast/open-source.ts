/** Opens what is read in boxes, and tells whether it fits into the memory for it and in which order its samples are drawn. */
import type { BoxedSource } from '../../data/boxed-source.ts';
import type { BoxedChoice } from '../../data/choice/choice.ts';
import { openBoxed } from '../../data/open-boxed.ts';
import type { OpenContext, SampleWindows } from '../task.ts';
import { fits } from './rank-reading.ts';
import { gridFrame } from './slice-moments.ts';
import { recordBytes, windowsOf } from './stream/windows.ts';
import type { ForecastOptions } from './task.ts';
import type { ForecastTypes } from './types.ts';

export interface OpenedSource {
  readonly source: BoxedSource;
  /** All of it, into the memory of a rank. */
  readonly fits: boolean;
  readonly windows: SampleWindows | undefined;
}

/** @throws DataError where it cannot be read */
export async function openSource(
  choice: BoxedChoice,
  options: ForecastOptions,
  { before, memory }: Pick<OpenContext<ForecastTypes>, 'before' | 'memory'>,
): Promise<OpenedSource> {
  const source = before?.kept.split?.source ?? (await openBoxed(choice));
  const grid = gridFrame(source.fields, options);
  const size = grid.times.length * recordBytes(grid);
  return { source, fits: fits(choice, size, memory), windows: windowsOf(grid) };
}
