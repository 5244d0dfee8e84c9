/** Ticks of a chart: as many as can be read. */
import { expect, test } from 'vitest';
import { plotOf } from '../../../src/show/line-plot.ts';

const series = [
  [
    [0, 580],
    [10, 870],
  ],
] as const;
const areaOf = (height: number) => ({ width: 300, height, left: 40, right: 10, top: 5, bottom: 20 });

test('texts beside a chart do not lie over one another, however low it is', () => {
  const tall = plotOf(series, { area: areaOf(200) });
  expect(tall?.yTicks).toEqual([600, 700, 800]);
  const low = plotOf(series, { area: areaOf(50) });
  expect(low?.yTicks).toEqual([600, 800]);
  const flat = plotOf(series, { area: areaOf(30) });
  expect(flat?.yTicks).toEqual([600]);
});

test('on a logarithmic scale, too', () => {
  const decades = [
    [
      [0, 1],
      [10, 1000],
    ],
  ] as const;
  const ticks = plotOf(decades, { area: areaOf(85), logarithmic: true })?.yTicks;
  expect(ticks).toEqual([1, 5, 50, 500]);
});
