import { describe, expect, it } from 'vitest';
import { cellWeights, cosineWeights } from '../../../src/tasks/forecast/area-weights.ts';

const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
const sine = (degrees: number) => Math.sin((degrees * Math.PI) / 180);

describe('cellWeights', () => {
  it('are the shares of the sphere on a global grid without poles', () => {
    // WeatherBench 2's 64 x 32 grid: 5.625 degrees, from 87.1875 south.
    const latitude = Float64Array.from({ length: 32 }, (_, i) => -87.1875 + 5.625 * i);
    const weights = cellWeights(latitude);
    // sin(upper) - sin(lower), whose sum over the sphere is 2.
    expect(weights[0]).toBeCloseTo(((sine(-84.375) + 1) / 2) * 32, 12);
    expect(weights[15]).toBeCloseTo(((0 - sine(-5.625)) / 2) * 32, 12);
    expect(mean(weights)).toBeCloseTo(1, 12);
  });

  it('give a pole half a cell, and do not care for the direction', () => {
    const north = cellWeights([90, 45, 0, -45, -90]);
    expect(north[0]).toBeCloseTo(((1 - sine(67.5)) / 2) * 5, 12);
    expect([...cellWeights([-90, -45, 0, 45, 90])]).toEqual([...north].reverse());
  });

  it('do not let the edge of a region stand for all beyond it', () => {
    const weights = cellWeights([30, 40, 50]);
    const total = sine(55) - sine(25);
    expect(weights[0]).toBeCloseTo(((sine(35) - sine(25)) / total) * 3, 12);
    expect(weights[2]).toBeCloseTo(((sine(55) - sine(45)) / total) * 3, 12);
  });
});

describe('cosineWeights', () => {
  it('are cos over its mean, 0 at the poles', () => {
    const weights = cosineWeights([-90, -60, 0, 60, 90]);
    expect(mean(weights)).toBeCloseTo(1, 12);
    expect(weights[1] / weights[2]).toBeCloseTo(0.5, 12);
    expect(Math.abs(weights[0])).toBeLessThan(1e-15);
  });
});
