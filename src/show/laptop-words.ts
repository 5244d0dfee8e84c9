/** How many laptops make a GPU, in the cells of a table: for the terminal and the page. */
import { meshName } from '../mesh/mesh.ts';
import { type LaptopRow, MOST_EQUIVALENT } from '../session/api/best-mesh.ts';

export const laptopHead: readonly string[] = ['Laptop', 'Link', 'By kernels alone', 'Over the link'];

export const laptopCells = (row: LaptopRow): readonly string[] => [
  row.gpu,
  row.link,
  row.byArithmetic.toFixed(1),
  overLink(row),
];

function overLink({ found, most }: LaptopRow): string {
  if (found) return `${found.ranks} (${meshName(found.mesh)})`;
  if (!most) return `none: ${MOST_EQUIVALENT} have no room for it`;
  return `none up to ${MOST_EQUIVALENT}: at most ${Math.round(100 * most.share)} %, ${meshName(most.mesh)}`;
}
