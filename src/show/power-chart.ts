/** Power over time: the band's middle and its ends, over the seconds that were metered. */
import type { PowerPoint } from '../energy/meter.ts';
import { timeColours } from './owners.ts';
import type { Chart, Series } from './svg-chart.ts';

export function powerChart(points: readonly PowerPoint[]): Chart {
  const series = (name: string, end: 'low' | 'central' | 'high', colour: string): Series => ({
    name,
    colour,
    points: points.map(({ at, watts }) => [at, watts[end]] as const),
  });
  return {
    title: 'Power, with the rest of the machine',
    xLabel: 'seconds',
    yLabel: 'W',
    series: [
      series('most likely', 'central', timeColours.light.work),
      series('at least', 'low', '#8a94a3'),
      series('at most', 'high', '#8a94a3'),
    ],
  };
}
