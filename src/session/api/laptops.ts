/** How many laptops make a GPU of the table, for the model that a page has: loaded when somebody asks. */
import { type LaptopRow, laptopRows } from './best-mesh.ts';
import type { Whole } from './cuts.ts';
import { gpuNamed, linkNamed, machinePredictor } from './machine-prediction.ts';

/**
 * @param gpu a name of the table; its samples a second, alone, are to be equalled by copies or cuts of the same batch each
 * @param pause awaited between the parts of the work
 */
export async function laptopsFor(
  { settings, job }: Whole,
  gpu: string,
  pause: () => Promise<void>,
): Promise<readonly LaptopRow[]> {
  const wanted = { gpu: gpuNamed(gpu), link: linkNamed('lan'), precision: 'f32' } as const;
  const rows: LaptopRow[] = [];
  for (const row of laptopRows(machinePredictor(settings, { job }), wanted)) {
    rows.push(row);
    await pause();
  }
  return rows;
}
