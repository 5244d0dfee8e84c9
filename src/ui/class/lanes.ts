/** The lanes of a race, read from what the teacher writes: one setting of the address, with a value a lane. */
import type { Lane } from '../../crew/class/teacher.ts';
import { parseMesh, ranksOf } from '../../mesh/mesh.ts';
import { offered } from '../../mesh/mesh-fit.ts';
import { searchOf, settingsIn, unusable, withSettings } from '../address.ts';
import { laneLabel, manyLanes, noLanes, sameLanes, wrongLane } from './words.ts';

/** What may differ, as the address names it, and lanes to begin with. */
export const laneSettings = [
  { name: 'batch', usual: '2, 4, 8' },
  { name: 'mesh', usual: '1x1, 1x2' },
  { name: 'width', usual: '32, 64, 128' },
  { name: 'blocks', usual: '1, 2, 4' },
  { name: 'accumulate', usual: '1, 2' },
] as const;

/** Lanes for groups that train on such a mesh: others of as many ranks. */
export function meshesLike(mesh: string): string {
  const ranks = ranksOf(parseMesh(mesh));
  return offered.filter(name => ranksOf(parseMesh(name)) === ranks).join(', ');
}

/** As many as have a colour of their own. */
export const mostLanes = 5;

/**
 * @param base address part of the set-up that all lanes share
 * @returns the lanes, or what is wrong with them in words
 */
export function lanesOf(base: string, name: string, text: string): readonly Lane[] | string {
  const values = [...new Set(text.split(',').map(value => value.trim()))].filter(Boolean);
  if (values.length < 2) return noLanes;
  if (values.length > mostLanes) return manyLanes(mostLanes);
  const lanes: Lane[] = [];
  for (const value of values) {
    const change = new URLSearchParams([[name, value]]).toString();
    const whole = new URLSearchParams(base);
    whole.set(name, value);
    if (unusable(whole.toString()).includes(`${name}=${value}`)) return wrongLane(value, name);
    lanes.push({
      label: laneLabel(name, value),
      search: onlySettings(withSettings(base, change)),
      isOfMesh: name === 'mesh',
    });
  }
  return new Set(lanes.map(({ search }) => search)).size > 1 ? lanes : sameLanes(lanes);
}

/** Without what of an address sets nothing up. */
const onlySettings = (search: string) => searchOf(settingsIn(search), '') || '?';
