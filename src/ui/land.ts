/** The land of the maps: a file beside the scripts, for it is data, and nothing to be parsed as a script. */
import landUrl from 'world-atlas/land-110m.json?url';
import type { LandTopology } from '../show/coast-lines.ts';

export const topology: LandTopology = await (await fetch(landUrl)).json();
