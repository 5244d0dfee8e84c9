/** How much is given of what is looked at: a large block comes as means, see `plan/look.ts`. */
import { type Look, poolsOf } from '../plan/look.ts';
import type { Looked } from '../session/api/api.ts';

type Block = Pick<Look, 'rows' | 'columns'>;

export function floatsGiven(block: Block): number {
  const { rows, columns } = poolsOf(block);
  return rows * columns;
}

/** These are of those blocks, one by one, each as large as it is given. */
export const isOfBlocks = (seen: readonly Looked[], blocks: readonly Block[]): boolean =>
  seen.length === blocks.length &&
  blocks.every((block, i) => {
    const { rows, columns } = poolsOf(block);
    return seen[i].rows === rows && seen[i].columns === columns;
  });
