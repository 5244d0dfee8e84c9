/** Coastlines as the path of an SVG. It stands alone, for what draws no maps needs none of it. */
import { coastLines, type LandTopology } from './coast-lines.ts';
import { type MapFrame, wantsFineCoast } from './map-frame.ts';

/**
 * @param coarse at 1:110 million
 * @param fine at 1:50 million, for maps of a small region
 * @returns the `d` of the path on a map of this many pixels
 */
export function coastPen(
  coarse: LandTopology,
  fine: LandTopology,
): (frame: MapFrame, width: number, height: number) => string {
  const round = (pixels: number) => Math.round(pixels * 10) / 10;
  return (frame, width, height) =>
    coastLines(wantsFineCoast(frame) ? fine : coarse, frame, width, height)
      .map(line => `M${line.map(([x, y]) => `${round(x)},${round(y)}`).join('L')}`)
      .join('');
}
