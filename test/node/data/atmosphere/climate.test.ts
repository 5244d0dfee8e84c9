import { expect, test } from 'vitest';
import { initialState, run, standardClimate } from '../../../../src/data/atmosphere/climate.ts';
import { createModel } from '../../../../src/data/atmosphere/model.ts';
import { DEGREES_NORTH, errorGrowth, zonalMeanWind } from './measure.ts';

const climate = standardClimate();

// With twice the step of the data, for half the time: its climate is the same (docs/atmosphere.md). Error growth below
// is measured with the data's own step.
test('ten years stay bounded, with mid-latitude jets in both hemispheres', { timeout: 1_200_000 }, () => {
  const model = createModel(climate.physics, 3 * 3600);
  const q = initialState(climate, 1);
  run(model, q, 24 * 100);
  const wind = new Float64Array(DEGREES_NORTH.length);
  let strongest = 0;
  const days = 3650;
  for (let day = 0; day < days; day++) {
    run(model, q, 24);
    const today = zonalMeanWind(q, 0);
    for (let row = 0; row < wind.length; row++) {
      wind[row] += today[row] / days;
      strongest = Math.max(strongest, Math.abs(today[row]));
    }
  }
  expect(strongest).toBeLessThan(120);
  for (const side of [1, -1]) {
    const rows = [...wind.keys()].filter(row => side * DEGREES_NORTH[row] > 0);
    const jet = rows.reduce((best, row) => (wind[row] > wind[best] ? row : best));
    expect(side * DEGREES_NORTH[jet]).toBeGreaterThan(25);
    expect(side * DEGREES_NORTH[jet]).toBeLessThan(60);
    expect(wind[jet]).toBeGreaterThan(20);
    expect(wind[jet]).toBeLessThan(70);
  }
});

test('errors double in one to five days', () => {
  const q = initialState(climate, 1);
  run(climate.model, q, 24 * 100);
  const starts: Float64Array[] = [];
  for (let start = 0; start < 8; start++) {
    run(climate.model, q, 24 * 15);
    starts.push(q.slice());
  }
  const { doublingDays, errorAtEnd } = errorGrowth(climate, {
    starts,
    amplitude: 1e-10,
    fromDay: 5,
    toDay: 20,
  });
  expect(doublingDays).toBeGreaterThan(1);
  expect(doublingDays).toBeLessThan(5);
  expect(errorAtEnd).toBeLessThan(1); // m s-1, against a spread near 12: the growth has not saturated.
});
