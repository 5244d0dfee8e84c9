/** Coastlines and a graticule over a map, from Natural Earth's 1:110 million land (world-atlas). */
import { geoGraticule, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { MapFrame } from '../show/map-frame.ts';
import { projectionOf } from '../show/map-projection.ts';
import { topology } from './land.ts';

const land = feature(topology, topology.objects.land);
const graticule = geoGraticule().step([30, 30])();

/** Draws the lines once at the device's resolution and copies them to every canvas. `width` is in CSS pixels. */
export function drawCoastlines(canvases: readonly HTMLCanvasElement[], frame: MapFrame, width: number): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const first = canvases[0];
  const context = first?.getContext('2d');
  if (!context || width <= 0) return;
  for (const canvas of canvases) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round((width / frame.aspect) * ratio);
  }
  const path = geoPath(projectionOf(frame, first.width, first.height), context);
  context.lineWidth = 0.5 * ratio;
  context.strokeStyle = '#00000026';
  context.beginPath();
  path(graticule);
  context.stroke();
  context.lineWidth = 0.9 * ratio;
  context.strokeStyle = '#000000b0';
  context.beginPath();
  path(land);
  context.stroke();
  for (const canvas of canvases.slice(1)) canvas.getContext('2d')?.drawImage(first, 0, 0);
}
