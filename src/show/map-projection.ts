/** How a frame is laid on a flat map. It stands alone, for what draws no lines needs none of it. */
import { type GeoProjection, geoProjection } from 'd3-geo';
import type { MapFrame } from './map-frame.ts';

/** The equirectangular projection that puts the frame on a canvas of this many pixels. */
export function projectionOf(frame: MapFrame, width: number, height: number): GeoProjection {
  const radian = Math.PI / 180;
  const scale = height / ((frame.north - frame.south) * radian);
  const middle = ((frame.south + frame.north) / 2) * radian;
  return geoProjection((lambda, phi) => [lambda * frame.stretch, phi])
    .rotate([-(frame.west + frame.east) / 2, 0])
    .scale(scale)
    .translate([width / 2, height / 2 + middle * scale])
    .clipExtent([
      [0, 0],
      [width, height],
    ]);
}
