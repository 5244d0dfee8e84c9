/** Which form of products suits an adapter: the table that plans are lowered with. */
import type { Gpu } from '../gpu/device.ts';
import { direct, type FormTable, lanes, tiles } from '../plan/lower.ts';

export function formsFor({ software, features, info }: Gpu): FormTable {
  if (!software) return tiles;
  const fours = features.has('subgroups') && info.subgroupMinSize === 4 && info.subgroupMaxSize === 4;
  return fours ? lanes : direct;
}
