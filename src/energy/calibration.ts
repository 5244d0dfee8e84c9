/**
 * A wall meter between machine and socket: one reading at rest and one while training fix what the machine takes idle, and
 * how much more for what its GPU does. From then on power is that of the whole machine.
 */
import { type Band, within } from './band.ts';
import { checkWatts, type GpuPower, wattsRange } from './gpu-power.ts';
import { wallError } from './load.ts';

export interface WallReadings {
  /** W at rest: the page is open, nothing trains. */
  readonly idleWatts: number;
  /** W while training, after half a minute at the same load. */
  readonly loadWatts: number;
  /** What the GPU did meanwhile: `activity` of `load.ts`. */
  readonly activity: Band;
}

/** Of all that a GPU can do, the least from which a slope can be told. */
const leastActivity = 0.02;

/** @throws RangeError that says which reading cannot be, and what to do */
export function calibrated(gpu: GpuPower, { idleWatts, loadWatts, activity }: WallReadings): GpuPower {
  checkWatts('The reading at rest', idleWatts);
  checkWatts('The reading while training', loadWatts);
  if (loadWatts <= idleWatts) {
    throw new RangeError(
      `The meter showed ${idleWatts} W at rest and ${loadWatts} W while training: the second must be more. ` +
        'Wait until it stands still, and read it again.',
    );
  }
  if (!(activity.low > 0 && activity.central >= leastActivity && activity.high <= 1)) {
    throw new RangeError(
      `The GPU did ${Math.round(100 * activity.central)} % of what it can while the meter was read: too little to tell ` +
        'what its work takes. Train a larger model or larger batches meanwhile.',
    );
  }
  const aboveIdle = loadWatts - idleWatts;
  const most = (end: keyof Band) => idleWatts + aboveIdle / activity[end];
  if (most('central') > wattsRange.most) {
    throw new RangeError(
      `By ${idleWatts} W at rest and ${loadWatts} W at ${Math.round(100 * activity.central)} % of what the GPU can do, the machine ` +
        `would take ${Math.round(most('central'))} W at full load, more than ${wattsRange.most} W. Read the meter again.`,
    );
  }
  return {
    kind: gpu.kind,
    name: gpu.name,
    rates: gpu.rates,
    idle: within(idleWatts, wallError),
    full: { low: most('high'), central: most('central'), high: Math.min(wattsRange.most, most('low')) },
    evidence: `${gpu.evidence.split(';')[0]}; power: calibrated with a wall meter`,
    wall: { aboveIdle, activity },
  };
}
