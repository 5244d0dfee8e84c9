/** The runs that are kept, as a list that changes: at most four, each with a slot of its own. */
import { type KeptRun, mostKept, type RunCurves } from './kept-run.ts';

export type KeptList = readonly KeptRun[];

type Adding = Pick<KeptRun, 'id' | 'at' | 'isChosen' | 'file'> & RunCurves;

/**
 * With this run, in its place where it is there already. One that nobody chose takes the place of another such; it is left
 * out where there is no room.
 *
 * @throws Error where it was chosen and there is no room
 */
export function withRun(list: KeptList, run: Adding): KeptList {
  const before = list.find(({ id }) => id === run.id);
  const others = list.filter(({ id, isChosen }) => id !== run.id && (run.isChosen || isChosen));
  // The one before makes room for one that somebody wants.
  const rest = others.length < mostKept ? others : others.filter(({ isChosen }) => isChosen);
  if (rest.length >= mostKept) {
    if (!run.isChosen) return list;
    throw new Error(`${mostKept} runs are kept, and no more fit in one chart: take one away first.`);
  }
  const taken = new Set(rest.map(({ slot }) => slot));
  const free = Array.from({ length: mostKept }, (_, slot) => slot).find(slot => !taken.has(slot)) ?? 0;
  const slot = before ? before.slot : free;
  return [...rest, { ...run, slot }].sort((a, b) => a.at - b.at);
}

export const withoutRun = (list: KeptList, id: string): KeptList => list.filter(run => run.id !== id);

/** The one before is kept from now on. */
export const choosing = (list: KeptList, id: string): KeptList =>
  list.map(run => (run.id === id ? { ...run, isChosen: true } : run));
