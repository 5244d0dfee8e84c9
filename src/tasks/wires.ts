/** What ranks say to each other of their data, by the names of the kinds in `index.ts`: loaded where there is another rank. */
import { wire as classify } from './classify/wire.ts';
import { wire as forecast } from './forecast/wire.ts';
import type { TaskTypes, TaskWire } from './task.ts';

const wires: Readonly<Record<string, TaskWire<TaskTypes>>> = { forecast, classify };

export const taskWires = Object.entries(wires).map(([kind, wire]) => ({ kind, wire }));
