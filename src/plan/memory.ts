/** Shares a space's buffers among tensors that are never alive together. */
import { alignedBytes } from './align.ts';
import { FreeBlocks } from './free-blocks.ts';
import { type Lifetime, overlaps, Timeline } from './timeline.ts';

export type { Lifetime } from './timeline.ts';

export interface Assignment {
  /** Block of every item, in the order given, and the byte of the block at which it begins. */
  readonly block: readonly number[];
  readonly offset: readonly number[];
  /** Bytes of every block. */
  readonly blocks: readonly number[];
}

/** Tells of two items that are alive together, by index, whether they may not lie in one block either. */
export type Apart = (item: number, other: number) => boolean;

/** A place in a block, and for how many steps more than it is needed it would be free. */
interface Gap {
  readonly block: number;
  readonly blockBytes: number;
  readonly offset: number;
  readonly spare: number;
}

/**
 * Greedy by size (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference"), between their
 * shared objects and their offsets: largest first, each into the block that is free there for its life and little
 * longer, beside others where need be. One buffer with offsets would be denser still, but WebGPU forbids reading and
 * writing one buffer in one dispatch: those are `apart`.
 */
export function assignBlocks(items: readonly Lifetime[], apart: Apart): Assignment {
  const bySize = (a: number, b: number) => items[b].bytes - items[a].bytes || a - b;
  const order = [...items.keys()].sort(bySize);
  const smallest = order.length > 0 ? items[order[order.length - 1]].bytes : 0;
  const blocks: Timeline[] = [];
  const free = new FreeBlocks(1 + items.reduce((most, { last }) => Math.max(most, last), -1));
  const block = new Array<number>(items.length);
  const offset = new Array<number>(items.length);
  for (const index of order) {
    const item = items[index];
    const { bytes, first, last } = item;
    let best: Gap | undefined;
    free.visit(first, last, number => {
      for (const gap of gapsFor(item, number, blocks[number], other => apart(index, other))) {
        if (!best || isTighter(gap, best)) best = gap;
      }
      return best?.spare ?? Number.POSITIVE_INFINITY;
    });
    const number = best?.block ?? blocks.push(new Timeline(bytes)) - 1;
    const at = best?.offset ?? 0;
    const timeline = blocks[number];
    timeline.add({ ...item, item: index, offset: at });
    const room = Math.max(at, timeline.bytes - alignedBytes(at + bytes));
    free.occupy(number, first, last, room < smallest);
    block[index] = number;
    offset[index] = at;
  }
  return { block, offset, blocks: blocks.map(({ bytes }) => bytes) };
}

/** Of two that are alike the one in the smaller block is taken, and of blocks of one size the first. */
function isTighter(gap: Gap, best: Gap): boolean {
  const order = gap.spare - best.spare || gap.blockBytes - best.blockBytes || gap.block - best.block;
  return order < 0;
}

/** Where in a block there is room for an item: at its beginning, or behind what is there at the same time. */
function gapsFor(
  { first, last, bytes }: Lifetime,
  block: number,
  timeline: Timeline,
  apart: (other: number) => boolean,
): Gap[] {
  const together = timeline.during(first, last);
  if (together.some(({ item }) => apart(item))) return [];
  // In the order in which they came.
  together.sort((a, b) => b.bytes - a.bytes || a.item - b.item);
  const ends = together.map(other => alignedBytes(other.offset + other.bytes));
  return [0, ...ends].flatMap((offset): Gap[] => {
    const isTaken = together.some(other => overlaps(other, offset, bytes));
    if (offset + bytes > timeline.bytes || isTaken) return [];
    const before = timeline.busyBefore(first, offset, bytes);
    const after = timeline.busyAfter(last, offset, bytes);
    return [{ block, blockBytes: timeline.bytes, offset, spare: after - before - (last - first) }];
  });
}
