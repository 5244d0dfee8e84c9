/** Which form of products suits an adapter: the table that plans are lowered with. */
import type { Gpu } from '../gpu/device.ts';
import { direct, type FormTable, lanes, tiles } from '../plan/lower.ts';

/** The tables that need no measuring, by name. */
export const usualTables = { tiles, lanes, direct } as const;

export type UsualTable = keyof typeof usualTables;

export function usualTableOf({ software, features, info }: Gpu): UsualTable {
  if (!software) return 'tiles';
  const fours = features.has('subgroups') && info.subgroupMinSize === 4 && info.subgroupMaxSize === 4;
  return fours ? 'lanes' : 'direct';
}

export const formsFor = (gpu: Gpu): FormTable => usualTables[usualTableOf(gpu)];
