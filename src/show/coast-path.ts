/** Coastlines as the path of an SVG. It stands alone, for what draws no maps needs none of it. */
import { geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import type { MapFrame } from './map-frame.ts';
import { projectionOf } from './map-projection.ts';

/** Natural Earth's 1:110 million land, as world-atlas has it. */
export type LandTopology = Topology<{ land: GeometryCollection }>;

/** @returns the `d` of the path on a map of this many pixels */
export function coastPen(topology: LandTopology): (frame: MapFrame, width: number, height: number) => string {
  const land = feature(topology, topology.objects.land);
  return (frame, width, height) => geoPath(projectionOf(frame, width, height)).digits(1)(land) ?? '';
}
