/**
 * What each rank of a mesh will read of a Zarr store. A chunk is read whole or not at all, so a split that cuts
 * through chunks saves memory, but not reading: every rank that needs a corner of a chunk fetches all of it.
 */

import { bytes, count } from '../../io/number-text.ts';
import type { Role } from '../cf/axes.ts';
import type { ZarrSelection } from '../choice/choice.ts';
import type { ColumnBox } from '../slice.ts';
import { chunkBytes, chunksOf } from './chunks.ts';
import { partsOf } from './read.ts';
import { choose } from './store.ts';
import type { ZarrStore, ZarrVariable } from './types.ts';

export interface SplitCost {
  readonly chunks: number;
  /** Before compression: what comes over the wire is less, and is counted when it is read. */
  readonly bytes: number;
}

export interface SplitDescription {
  /** One for every box. */
  readonly ranks: readonly SplitCost[];
  /** Every chunk that some rank needs, once. */
  readonly distinct: SplitCost;
  /** Sentences: one for every kind of chunk that several ranks read, or that there is none. */
  readonly notes: readonly string[];
}

/** Reads of one variable's chunks, of all ranks together. */
interface Reads {
  readonly variable: ZarrVariable;
  readonly keys: Set<string>;
  total: number;
}

/** @param boxes of the ranks, as for `readZarr` */
export function describeSplit(
  store: ZarrStore,
  selection: ZarrSelection,
  boxes: readonly ColumnBox[],
): SplitDescription {
  const chosen = choose(store, selection);
  const reads = new Map<ZarrVariable, Reads>();
  const ranks = boxes.map((box): SplitCost => {
    let chunks = 0;
    let bytes = 0;
    for (const part of [
      ...partsOf(store, chosen, box, 'fields'),
      ...partsOf(store, chosen, box, 'statics'),
    ]) {
      const { variable } = part;
      const touched = chunksOf(variable, part.wanted);
      const seen = reads.get(variable) ?? { variable, keys: new Set<string>(), total: 0 };
      for (const coordinates of touched) seen.keys.add(coordinates.join('.'));
      seen.total += touched.length;
      reads.set(variable, seen);
      chunks += touched.length;
      bytes += touched.length * chunkBytes(variable);
    }
    return { chunks, bytes };
  });
  const all = [...reads.values()];
  const sum = (of: (reads: Reads) => number) => all.reduce((total, reads) => total + of(reads), 0);
  const distinct = {
    chunks: sum(({ keys }) => keys.size),
    bytes: sum(({ keys, variable }) => keys.size * chunkBytes(variable)),
  };
  const together = ranks.reduce((total, rank) => total + rank.bytes, 0);
  return { ranks, distinct, notes: notesOn(all, store, together / distinct.bytes) };
}

function notesOn(all: readonly Reads[], store: ZarrStore, factor: number): string[] {
  /** Variables of the same chunks that are read as often, by the sentence that is true of them. */
  const groups = new Map<string, string[]>();
  for (const { variable, keys, total } of all) {
    if (total <= keys.size) continue;
    const words = `${holds(variable, store)}, and is read ${times(total / keys.size)}`;
    groups.set(words, [...(groups.get(words) ?? []), variable.name]);
  }
  if (groups.size === 0) return ['No chunk is read by more than one rank.'];
  const notes = [...groups].map(
    ([words, [first, ...others]]) =>
      `A chunk of ${first}${others.length > 0 ? ` (and ${others.length} more)` : ''} ${words}.`,
  );
  // A small field that all ranks read makes no difference.
  if (Number(factor.toFixed(2)) === 1) return notes;
  return [
    ...notes,
    `Together the ranks read ${times(factor)} as much as one would: smaller chunks along the axes that the mesh cuts would save that.`,
  ];
}

/** `holds 100 steps, all 13 levels and the whole map (8.5 MB)`. */
function holds(variable: ZarrVariable, { fields, statics, grid }: ZarrStore): string {
  const { array } = variable;
  const roles = [...fields, ...statics].find(field => field.variable === variable)!.roles;
  const along = (role: Role) => {
    const d = roles.indexOf(role);
    return d < 0 ? undefined : { chunk: array.chunks[d], size: array.shape[d] };
  };
  const [time, level] = [along('time'), along('level')];
  const [rows, columns] = [along('latitude')!, along('longitude')!];
  const parts = [
    time && `${count(time.chunk)} steps`,
    level &&
      (level.chunk >= level.size ? `all ${level.size} levels` : `${level.chunk} of ${level.size} levels`),
    rows.chunk >= rows.size && columns.chunk >= columns.size
      ? 'the whole map'
      : `${rows.chunk} of ${grid.latitude.length} latitudes by ${columns.chunk} of ${grid.longitude.length} longitudes`,
  ].filter(part => part !== undefined);
  const list = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts[0];
  return `holds ${list} (${bytes(chunkBytes(variable))})`;
}

const times = (factor: number) => (factor === 2 ? 'twice' : `${Number(factor.toFixed(2))} times`);
