/** How many laptops make a GPU of the table, for the model that a page has: loaded when somebody asks. */
import { gpus } from '../../simulate/gpus.ts';
import { equivalentOf, type LaptopRow } from './best-mesh.ts';
import type { Whole } from './cuts.ts';
import {
  gpuNamed,
  linkNamed,
  type MachinePredictor,
  type Machines,
  machinePredictor,
} from './machine-prediction.ts';

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

/** Links that browsers have. */
const browserLinks = ['lan', 'wifi'];

/** For every usual laptop and link, one after the other. @param wanted the GPU that is to be equalled */
export function* laptopRows(predict: MachinePredictor, wanted: Machines): Generator<LaptopRow> {
  for (const link of browserLinks)
    for (const gpu of gpus.filter(({ isUsualLaptop }) => isUsualLaptop)) {
      const theirs: Machines = { ...wanted, gpu, link: linkNamed(link), precision: 'f32' };
      yield { gpu: gpu.name, link, ...equivalentOf(predict, wanted, theirs) };
    }
}
