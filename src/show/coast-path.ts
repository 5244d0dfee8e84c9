/** Coastlines as the path of an SVG. It stands alone, for what draws no maps needs none of it. */
import { geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { type MapFrame, wantsFineCoast } from './map-frame.ts';
import { projectionOf } from './map-projection.ts';

/** Natural Earth's land, as world-atlas has it. */
export type LandTopology = Topology<{ land: GeometryCollection }>;

/**
 * @param coarse at 1:110 million
 * @param fine at 1:50 million, for maps of a small region
 * @returns the `d` of the path on a map of this many pixels
 */
export function coastPen(
  coarse: LandTopology,
  fine: LandTopology,
): (frame: MapFrame, width: number, height: number) => string {
  return (frame, width, height) => {
    const topology = wantsFineCoast(frame) ? fine : coarse;
    const land = feature(topology, topology.objects.land);
    return geoPath(projectionOf(frame, width, height)).digits(1)(land) ?? '';
  };
}
