/** What can be chosen to predict with: names of GPUs that one asks for most, and of links. */
import { gpuNamed, links, usualGpuNames } from '../../simulate/gpus.ts';

export const gpuChoices: readonly string[] = usualGpuNames;
export const linkChoices: readonly string[] = links.map(({ name }) => name);

/** Rates of products that the table has for a GPU. */
export const precisionsOf = (gpu: string): readonly ('f32' | 'tf32' | 'f16')[] => {
  const row = gpuNamed(gpu);
  return (['f32', 'tf32', 'f16'] as const).filter(precision => row[precision] !== undefined);
};
