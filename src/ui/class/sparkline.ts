/** The curve on a pupil's card, as the path of an SVG: its course alone, without axes. */

import type { LossPoint } from '../../crew/class/roll.ts';
import { type PlotArea, plotOf } from '../../show/line-plot.ts';

export const sparkArea: PlotArea = { width: 160, height: 44, left: 2, right: 2, top: 3, bottom: 3 };

/** @param share of the run that is done: the curve takes so much of the width. @returns undefined for less than two points */
export function sparkline(curve: readonly LossPoint[], share: number): string | undefined {
  if (curve.length < 2) return undefined;
  const width = Math.max(sparkArea.width * Math.min(1, share), 16);
  const plot = plotOf([curve.map(({ step, loss }) => [step, loss] as const)], {
    area: { ...sparkArea, width },
    logarithmic: curve.every(({ loss }) => loss > 0),
  });
  if (!plot) return undefined;
  return `M${plot.points[0].map(([x, y]) => `${plot.x(x).toFixed(1)} ${plot.y(y).toFixed(1)}`).join('L')}`;
}
