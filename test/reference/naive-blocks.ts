/** The places of items as they are chosen when every place in every block is compared for every item. */
import type { Apart, Assignment, Lifetime } from '../../src/plan/memory.ts';

/** WebGPU binds storage at multiples of this many bytes. */
const ALIGNMENT = 256;
/** A step after all others. */
const END = 2 ** 31;

interface Occupant extends Lifetime {
  readonly item: number;
  readonly offset: number;
}

interface MemoryBlock {
  readonly bytes: number;
  readonly occupants: Occupant[];
}

/** A place in a block, and for how many steps more than it is needed it would be free. */
interface Gap {
  readonly block: MemoryBlock;
  readonly offset: number;
  readonly spare: number;
}

export function naiveBlocks(items: readonly Lifetime[], apart: Apart): Assignment {
  const order = items.map((_, index) => index).sort((a, b) => items[b].bytes - items[a].bytes || a - b);
  const blocks: MemoryBlock[] = [];
  const block = new Array<number>(items.length);
  const offset = new Array<number>(items.length);
  for (const index of order) {
    const item = items[index];
    let best: Gap | undefined;
    for (const candidate of blocks) {
      for (const gap of gapsFor(item, candidate, other => apart(index, other))) {
        const tighter = best && (gap.spare - best.spare || candidate.bytes - best.block.bytes);
        if (tighter === undefined || tighter < 0) best = gap;
      }
    }
    if (!best) {
      best = { block: { bytes: item.bytes, occupants: [] }, offset: 0, spare: 0 };
      blocks.push(best.block);
    }
    best.block.occupants.push({ ...item, item: index, offset: best.offset });
    block[index] = blocks.indexOf(best.block);
    offset[index] = best.offset;
  }
  return { block, offset, blocks: blocks.map(({ bytes }) => bytes) };
}

/** Where in a block there is room for an item: at its beginning, or behind what is there at the same time. */
function gapsFor(item: Lifetime, block: MemoryBlock, apart: (other: number) => boolean): Gap[] {
  const together = block.occupants.filter(other => other.first <= item.last && item.first <= other.last);
  if (together.some(other => apart(other.item))) return [];
  const ends = together.map(other => Math.ceil((other.offset + other.bytes) / ALIGNMENT) * ALIGNMENT);
  return [0, ...ends].flatMap((offset): Gap[] => {
    const overlaps = (other: Occupant) =>
      offset < other.offset + other.bytes && other.offset < offset + item.bytes;
    if (offset + item.bytes > block.bytes || together.some(overlaps)) return [];
    const others = block.occupants.filter(overlaps);
    const before = Math.max(-1, ...others.filter(({ last }) => last < item.first).map(({ last }) => last));
    const after = Math.min(END, ...others.filter(({ first }) => first > item.last).map(({ first }) => first));
    return [{ block, offset, spare: after - before - (item.last - item.first) }];
  });
}
