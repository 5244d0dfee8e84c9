/**
 * An axis of the whole model cut into blocks, one for each member of a group. Blocks are equally long: where the axis
 * does not divide, some end in padding, which is zero in every parameter and has no influence.
 */
export interface Axis {
  /** Length in the whole model. */
  readonly size: number;
  /** Length of every block. */
  readonly block: number;
  /** Positions in the whole of the elements of a block; -1 for padding. */
  indices(part: number): readonly number[];
}

/** An axis whose blocks are runs of neighbours. */
export interface RunAxis extends Axis {
  /** Position in the whole of a block's first element. */
  start(part: number): number;
}

/** Runs as equal as can be: the first ones have one element more where the axis does not divide. */
export function runs(size: number, parts: number): RunAxis {
  const [least, longer] = [Math.floor(size / parts), size % parts];
  return runAxis(
    size,
    Math.ceil(size / parts),
    part => part * least + Math.min(part, longer),
    part => (part < longer ? least + 1 : least),
  );
}

/** Runs of `block` elements; the last ones are shorter, and the axis ends where it ends. */
export function fullRuns(size: number, block: number): RunAxis {
  return runAxis(
    size,
    block,
    part => part * block,
    part => Math.max(0, Math.min(block, size - part * block)),
  );
}

function runAxis(
  size: number,
  block: number,
  start: (part: number) => number,
  count: (part: number) => number,
): RunAxis {
  return {
    size,
    block,
    start,
    indices: part => Array.from({ length: block }, (_, i) => (i < count(part) ? start(part) + i : -1)),
  };
}

/** Every element becomes `count` neighbouring ones, as the points of a patch do. */
export function repeated(axis: Axis, count: number): Axis {
  return {
    size: axis.size * count,
    block: axis.block * count,
    indices: part =>
      axis
        .indices(part)
        .flatMap(index => Array.from({ length: count }, (_, k) => (index < 0 ? -1 : index * count + k))),
  };
}

/** Block p of the first axis, then block p of the second: what concatenating two sharded tensors gives. */
export function joined(first: Axis, second: Axis): Axis {
  return {
    size: first.size + second.size,
    block: first.block + second.block,
    indices: part => [
      ...first.indices(part),
      ...second.indices(part).map(index => (index < 0 ? -1 : first.size + index)),
    ],
  };
}

/** Blocks given as lists, padded to the longest. */
export function listed(size: number, blocks: readonly (readonly number[])[]): Axis {
  const block = Math.max(...blocks.map(list => list.length));
  return {
    size,
    block,
    indices: part => [...blocks[part], ...new Array<number>(block - blocks[part].length).fill(-1)],
  };
}
