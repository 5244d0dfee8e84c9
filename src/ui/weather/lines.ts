/**
 * Lines over the maps: coastlines, and isolines where the colours change. Loaded when a first map is drawn, for they are
 * larger than all else of it.
 */
import type { ColourScale } from '../../show/colours.ts';
import { type IsolineGrid, isolines, thinned } from '../../show/isobars.ts';
import type { MapFrame } from '../../show/map-frame.ts';

export { drawCoastlines } from '../coastlines.ts';

/** Of a grid with more columns isolines take longer than a frame, and show no more. */
const mostColumns = 180;

/** Draws the isolines of a field at the device's resolution; `width` is in CSS pixels. */
export function drawIsolines(
  canvas: HTMLCanvasElement,
  field: Float32Array,
  grid: IsolineGrid,
  frame: MapFrame,
  scale: ColourScale,
  width: number,
): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const context = canvas.getContext('2d');
  if (!context) return;
  const [wide, high] = [Math.round(width * ratio), Math.round((width / frame.aspect) * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  } else context.clearRect(0, 0, wide, high);
  const bands = scale.colours.length;
  const levels = Array.from(
    { length: bands - 1 },
    (_, i) => scale.low + ((i + 1) * (scale.high - scale.low)) / bands,
  );
  const perEast = canvas.width / (frame.east - frame.west);
  const perNorth = canvas.height / (frame.north - frame.south);
  context.lineWidth = 0.8 * ratio;
  const few = thinned(field, grid, mostColumns);
  isolines(few.field, few, levels).forEach(({ lines }, i) => {
    context.strokeStyle = isDark(scale.pixels[i]) ? '#ffffff8c' : '#00000073';
    context.beginPath();
    // The grid may count its degrees from another meridian than the map.
    for (const turn of [-360, 0, 360]) {
      for (const line of lines) {
        line.forEach(([east, north], k) => {
          const x = (east + turn - frame.west) * perEast;
          const y = (frame.north - north) * perNorth;
          if (k === 0) context.moveTo(x, y);
          else context.lineTo(x, y);
        });
      }
    }
    context.stroke();
  });
}

/** Of a colour as in `ColourScale.pixels`, by its luma. */
function isDark(pixel: number): boolean {
  const [red, green, blue] = [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];
  return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
}
