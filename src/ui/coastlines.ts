/**
 * Coastlines and a graticule over a map, from Natural Earth's land (world-atlas): at 1:110 million, and of a small region at 1:50 million
 * once that is loaded.
 */
import { geoGraticule, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { LandTopology } from '../show/coast-path.ts';
import { type MapFrame, wantsFineCoast } from '../show/map-frame.ts';
import { projectionOf } from '../show/map-projection.ts';
import { topology } from './land.ts';

type Land = ReturnType<typeof landOf>;

const landOf = (given: LandTopology) => feature(given, given.objects.land);

const coarse = landOf(topology);
let fine: Promise<Land> | undefined;
/** The last drawing on a canvas: what is loaded later is not drawn over another. */
const drawings = new WeakMap<HTMLCanvasElement, symbol>();

/** Where it cannot be loaded, coasts stay coarse. */
const fineLand = (): Promise<Land> =>
  import('./fine-land.ts').then(loaded => landOf(loaded.topology)).catch(() => coarse);
const graticule = geoGraticule().step([30, 30])();

/** Draws the lines once at the device's resolution and copies them to every canvas. `width` is in CSS pixels. */
export function drawCoastlines(canvases: readonly HTMLCanvasElement[], frame: MapFrame, width: number): void {
  if (canvases.length === 0 || width <= 0) return;
  draw(canvases, frame, width, coarse);
  const drawing = Symbol();
  drawings.set(canvases[0], drawing);
  if (!wantsFineCoast(frame)) return;
  fine ??= fineLand();
  void fine.then(land => {
    if (land !== coarse && drawings.get(canvases[0]) === drawing) draw(canvases, frame, width, land);
  });
}

function draw(canvases: readonly HTMLCanvasElement[], frame: MapFrame, width: number, land: Land): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const first = canvases[0];
  const context = first?.getContext('2d');
  if (!context) return;
  canvases[0].dataset.coast = land === coarse ? 'coarse' : 'fine';
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
