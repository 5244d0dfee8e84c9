/** Where a time axis lacks steps. */
import type { RecordAxis } from './record-axis.ts';

/** Where steps are lacking: the records before and after, and how many. */
export interface Gap {
  readonly after: number;
  readonly before: number;
  readonly lacking: number;
}

export function gapsOf({ steps }: Pick<RecordAxis, 'steps'>): Gap[] {
  if (!steps) return [];
  return Array.from(steps, (step, i) => ({
    after: i - 1,
    before: i,
    lacking: i === 0 ? 0 : step - steps[i - 1] - 1,
  })).filter(({ lacking }) => lacking > 0);
}
