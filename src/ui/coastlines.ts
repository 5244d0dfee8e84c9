/**
 * Coastlines and a graticule over a map, from Natural Earth's land (world-atlas): at 1:110 million, and of a small region at 1:50 million
 * once that is loaded.
 */
import { coastLines, type LandTopology } from '../show/coast-lines.ts';
import { type MapFrame, wantsFineCoast } from '../show/map-frame.ts';
import { topology as coarse } from './land.ts';

let fine: Promise<LandTopology> | undefined;
/** The last drawing on a canvas: what is loaded later is not drawn over another. */
const drawings = new WeakMap<HTMLCanvasElement, symbol>();

/** Where it cannot be loaded, coasts stay coarse. */
const fineLand = (): Promise<LandTopology> =>
  import('./fine-land.ts').then(({ topology }) => topology).catch(() => coarse);
/** Degrees between the lines of the graticule. */
const graticuleStep = 30;

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

function draw(
  canvases: readonly HTMLCanvasElement[],
  frame: MapFrame,
  width: number,
  land: LandTopology,
): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const first = canvases[0];
  const context = first?.getContext('2d');
  if (!context) return;
  canvases[0].dataset.coast = land === coarse ? 'coarse' : 'fine';
  for (const canvas of canvases) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round((width / frame.aspect) * ratio);
  }
  context.lineWidth = 0.5 * ratio;
  context.strokeStyle = '#00000026';
  context.beginPath();
  const { west, east, south, north } = frame;
  const right = (degrees: number) => ((degrees - west) / (east - west)) * first.width;
  const down = (degrees: number) => ((north - degrees) / (north - south)) * first.height;
  for (const meridian of roundBetween(west, east)) {
    // Near the poles only every third goes on.
    const end = meridian % 90 === 0 ? 90 : 80;
    context.moveTo(right(meridian), down(-end));
    context.lineTo(right(meridian), down(end));
  }
  for (const parallel of roundBetween(south, north)) {
    context.moveTo(0, down(parallel));
    context.lineTo(first.width, down(parallel));
  }
  context.stroke();
  context.lineWidth = 0.9 * ratio;
  context.strokeStyle = '#000000b0';
  context.beginPath();
  for (const line of coastLines(land, frame, first.width, first.height)) {
    line.forEach(([x, y], i) => {
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
  }
  context.stroke();
  for (const canvas of canvases.slice(1)) canvas.getContext('2d')?.drawImage(first, 0, 0);
}

/** Multiples of the graticule's step, in degrees. */
function roundBetween(low: number, high: number): number[] {
  const from = Math.ceil(low / graticuleStep);
  const count = Math.floor(high / graticuleStep) - from + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (from + i) * graticuleStep);
}
