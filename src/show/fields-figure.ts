/** Fields of one grid side by side as a figure: painted in bands, with isolines, coastlines and a bar of their colours. */
import type { ColourScale } from './colours.ts';
import { type Figure, figureInk, type Mark } from './figure.ts';
import { fieldNumber } from './format.ts';
import { isolines, thinned } from './isobars.ts';
import { frameOf, type MapFrame } from './map-frame.ts';
import { createSampler } from './map-image.ts';
import { paint, type ReportPens } from './report-map.ts';

export interface ShownField {
  readonly title: string;
  /** [latitude, longitude] */
  readonly values: Float32Array;
  readonly scale: ColourScale;
  readonly isIsolined: boolean;
}

export interface FieldsPicture {
  readonly title: string;
  /** Of every field. */
  readonly unit: string;
  /** Degrees north and east of the cells' centres. */
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  readonly fields: readonly ShownField[];
}

const mapWidth = 560;
const gap = 20;
const head = 64;
const foot = 44;
/** Of a grid with more columns isolines take long, and show no more. */
const mostColumns = 180;

export function fieldsFigure(picture: FieldsPicture, coast: ReportPens['coast']): Figure {
  const { title, unit, latitude, longitude, fields } = picture;
  const frame = frameOf(latitude, longitude);
  const sampler = createSampler(latitude, longitude, frame, mapWidth);
  const high = sampler.height;
  const lines = coast(frame, mapWidth, high);
  const width = fields.length * (mapWidth + gap) + gap;
  const text = { kind: 'text', fill: figureInk.text, size: 13 } as const;
  const marks = fields.flatMap((field, i): Mark[] => {
    const left = gap + i * (mapWidth + gap);
    const { scale } = field;
    const band = mapWidth / scale.colours.length;
    const below = head + high + 8;
    const pixels = paint(field.values, scale, sampler);
    return [
      { ...text, x: left, y: head - 10, text: field.title, bold: true },
      { kind: 'image', x: left, y: head, width: mapWidth, height: high, pixels },
      ...(field.isIsolined ? isolineMarks(field, picture, frame, [left, head, mapWidth, high]) : []),
      { kind: 'path', d: moved(lines, left, head), stroke: '#000000b0', width: 0.9 },
      ...scale.colours.map(
        (fill, k): Mark => ({
          ...{ kind: 'rect', x: left + k * band, y: below, width: band + 0.5, height: 10 },
          fill,
        }),
      ),
      { ...text, x: left, y: below + 26, text: fieldNumber(scale.low, 4), size: 12 },
      { ...text, x: left + mapWidth / 2, y: below + 26, text: unit, size: 12, anchor: 'middle' },
      {
        ...text,
        x: left + mapWidth,
        y: below + 26,
        text: fieldNumber(scale.high, 4),
        size: 12,
        anchor: 'end',
      },
    ];
  });
  return {
    title,
    width,
    height: head + high + foot,
    marks: [{ ...text, x: gap, y: 28, text: title, size: 16, bold: true }, ...marks],
  };
}

function isolineMarks(
  { values, scale }: ShownField,
  grid: Pick<FieldsPicture, 'latitude' | 'longitude'>,
  frame: MapFrame,
  [left, top, width, height]: readonly [number, number, number, number],
): Mark[] {
  const bands = scale.colours.length;
  const levels = Array.from(
    { length: bands - 1 },
    (_, i) => scale.low + ((i + 1) * (scale.high - scale.low)) / bands,
  );
  const few = thinned(values, grid, mostColumns);
  const x = (east: number) => left + ((east - frame.west) / (frame.east - frame.west)) * width;
  const y = (north: number) => top + ((frame.north - north) / (frame.north - frame.south)) * height;
  const d = isolines(few.field, few, levels)
    .flatMap(({ lines }) => lines)
    // The grid may count its degrees from another meridian than the map; what lies outside it is cut off.
    .flatMap(line => [-360, 0, 360].map(turn => line.map(([east, north]) => [east + turn, north] as const)))
    .flatMap(line => insideOf(line, frame))
    .map(line => `M${line.map(([e, n]) => `${x(e).toFixed(1)} ${y(n).toFixed(1)}`).join('L')}`)
    .join('');
  return d === '' ? [] : [{ kind: 'path', d, stroke: '#00000073', width: 0.8 }];
}

type Line = readonly (readonly [number, number])[];

/** The parts of a line that lie in the frame. */
function insideOf(line: Line, { west, east }: MapFrame): Line[] {
  const parts: (readonly [number, number])[][] = [[]];
  for (const point of line) {
    if (point[0] >= west && point[0] <= east) parts[parts.length - 1].push(point);
    else if (parts[parts.length - 1].length > 0) parts.push([]);
  }
  return parts.filter(({ length }) => length > 1);
}

/** The `d` of a path that has only points in absolute places, as a coast has, put elsewhere. */
const moved = (d: string, right: number, down: number) =>
  d.replace(
    /(-?[\d.]+),(-?[\d.]+)/g,
    (_, x, y) => `${(Number(x) + right).toFixed(1)},${(Number(y) + down).toFixed(1)}`,
  );
