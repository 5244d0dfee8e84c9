/** The grid that maps are painted on, and the sizes that they are painted at. */
import { frameOf, type MapFrame } from '../../show/map-frame.ts';
import { createSampler, type Sampler } from '../../show/map-image.ts';
import type { Places } from './reading.ts';

/** Pixels in a row of the painted images: enough for smooth bands, few enough to paint within a frame. */
const largeWidth = 400;
const smallWidth = 200;
/** Width over height of the room that maps have, whatever their grid. */
export const roomAspect = 2;

export interface MapSheet extends Places {
  readonly frame: MapFrame;
  readonly large: Sampler;
  readonly small: Sampler;
}

export function sheetOf({ latitude, longitude }: Places): MapSheet {
  const frame = frameOf(latitude, longitude);
  const sampler = (width: number) => {
    const own = frame.aspect >= 1 ? width : Math.round(width * frame.aspect);
    return createSampler(latitude, longitude, frame, own);
  };
  return { latitude, longitude, frame, large: sampler(largeWidth), small: sampler(smallWidth) };
}

export const isSameGrid = (a: Places, b: Places) =>
  isSame(a.latitude, b.latitude) && isSame(a.longitude, b.longitude);

const isSame = (a: Float64Array, b: Float64Array) =>
  a.length === b.length && a.every((value, i) => value === b[i]);
