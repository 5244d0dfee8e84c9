/** The land of maps of a small region, at 1:50 million: ten times as much as of the others, so loaded when there is such a map. */
import landUrl from 'world-atlas/land-50m.json?url';
import type { LandTopology } from '../show/coast-lines.ts';

export const topology: LandTopology = await (await fetch(landUrl)).json();
