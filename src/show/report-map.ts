/** A view of kind `map` as SVG text: the fields as PNGs, coastlines as a path, a colour bar below. */
import type { MapSpec, MapView } from '../session/api/api.ts';
import { type ColourScale, errorScale, fieldScale } from './colours.ts';
import { dateTime, fieldNumber, leadTime, prettyUnits } from './format.ts';
import { frameOf, type MapFrame } from './map-frame.ts';
import { createSampler, type Sampler, valueAt } from './map-image.ts';
import { escapeHtml } from './svg-chart.ts';

/** What the terminal and the page each have their own way to. */
export interface ReportPens {
  /** Pixels [height, width, 4], red, green, blue, alpha, as a PNG in base64. */
  png(pixels: Uint8Array | Uint8ClampedArray, width: number, height: number): string;
  /** The coastlines of a map of this many pixels, as the `d` of an SVG path. */
  coast(frame: MapFrame, width: number, height: number): string;
}

const mapWidth = 320;
const barHeight = 26;

/** Truth, forecast, error, and the error of persistence for comparison, side by side. */
export function mapFigure(map: MapView, { latitude, longitude }: MapSpec, pens: ReportPens): string {
  const frame = frameOf(latitude, longitude);
  const sampler = createSampler(latitude, longitude, frame, mapWidth);
  const error = minus(map.forecast, map.truth);
  const persistenceError = minus(map.persistence, map.truth);
  const limit = [...error, ...persistenceError]
    .filter(Number.isFinite)
    .reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const fields = fieldScale(map.truth);
  const errors = errorScale(limit);
  const units = prettyUnits(map.channel.units);
  const panels = [
    panel('Truth', map.truth, fields, units, frame, sampler, pens),
    panel('Forecast', map.forecast, fields, units, frame, sampler, pens),
    panel('Forecast error', error, errors, units, frame, sampler, pens),
    panel('Error of persistence', persistenceError, errors, units, frame, sampler, pens),
  ];
  const caption = `${map.channel.longName}, ${leadTime(map.leadHours)} ahead, for ${dateTime(map.validTime)}`;
  return `<figure><figcaption>${escapeHtml(caption)}</figcaption>${panels.join('\n')}</figure>`;
}

const minus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value - b[i]);

function panel(
  title: string,
  field: Float32Array,
  scale: ColourScale,
  units: string,
  frame: MapFrame,
  sampler: Sampler,
  pens: ReportPens,
): string {
  const { width, height } = sampler;
  const coast = pens.coast(frame, width, height);
  const band = width / scale.colours.length;
  const bar = scale.colours
    .map(
      (colour, i) =>
        `<rect x="${(i * band).toFixed(2)}" y="${height + 4}" width="${(band + 0.5).toFixed(2)}" height="8" fill="${colour}"/>`,
    )
    .join('');
  const png = pens.png(paint(field, scale, sampler), width, height);
  return `<svg class="map" viewBox="0 -18 ${width} ${height + barHeight + 18}" role="img" aria-label="${title}">
<text x="0" y="-5" class="title">${title}</text>
<image width="${width}" height="${height}" href="data:image/png;base64,${png}"/>
<path class="coast" d="${coast}"/>
${bar}
<text x="0" y="${height + 24}">${fieldNumber(scale.low)}</text>
<text x="${width / 2}" y="${height + 24}" text-anchor="middle">${escapeHtml(units)}</text>
<text x="${width}" y="${height + 24}" text-anchor="end">${fieldNumber(scale.high)}</text>
</svg>`;
}

/** [height, width, 4], red, green, blue, alpha; missing values stay clear. */
export function paint(
  field: Float32Array,
  { low, high, pixels }: ColourScale,
  sampler: Sampler,
): Uint8Array<ArrayBuffer> {
  const { width, height } = sampler;
  const bytes = new DataView(new ArrayBuffer(width * height * 4));
  const perUnit = pixels.length / (high - low);
  for (let row = 0, k = 0; row < height; row++) {
    for (let column = 0; column < width; column++, k++) {
      const value = valueAt(field, sampler, column, row);
      if (Number.isNaN(value)) continue;
      const band = Math.floor((value - low) * perUnit);
      bytes.setUint32(4 * k, pixels[Math.max(0, Math.min(pixels.length - 1, band))], true);
    }
  }
  return new Uint8Array(bytes.buffer);
}
