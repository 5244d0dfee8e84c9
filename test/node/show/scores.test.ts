import { describe, expect, test } from 'vitest';
import type { Score } from '../../../src/session/api/api.ts';
import { againstBaseline, atText, scoreText, signedPercent } from '../../../src/show/scores.ts';

describe('a score in words', () => {
  test.each([
    [412.345, 'm2 s-2', '412.3\u00a0m² s⁻²'],
    [91.449, '%', '91.4\u00a0%'],
    [-0.04, '%', '0.0\u00a0%'],
    [0.98765, '1', '0.9877'],
    [-1234567, 'Pa', '−1\u202f234\u202f567\u00a0Pa'],
    [2.1e-5, '1', '2.100\u00a0×\u00a010⁻⁵'],
    [Number.NaN, '%', 'no value'],
    [Number.NaN, 'K', 'no value'],
  ])('%d %s', (value, units, text) => {
    expect(scoreText({ value, units })).toBe(text);
  });

  test('a lead time in hours or days, other distances as they are', () => {
    const at = (value: number, units: string) => atText({ axis: 'a', units, value });
    expect([at(6, 'h'), at(72, 'h'), at(5, 'km'), at(2, '1'), atText(undefined)]).toEqual([
      '6\u00a0h',
      '3\u00a0d',
      '5\u00a0km',
      '2',
      '',
    ]);
  });
});

describe('against its first baseline', () => {
  const score: Score = {
    metric: 'rmse',
    label: 'RMSE',
    units: 'K',
    better: 'lower',
    main: true,
    value: 3,
    baselines: [
      { name: 'persistence', value: 6 },
      { name: 'climatology', value: 1 },
    ],
  };

  test('an error is so much above or below it', () => {
    expect(againstBaseline(score)).toBe(-50);
    expect(againstBaseline({ ...score, value: 9 })).toBe(50);
  });

  test('what has none, what is no error and what cannot be divided has no such number', () => {
    expect(againstBaseline({ ...score, baselines: [] })).toBeUndefined();
    expect(againstBaseline({ ...score, better: 'higher' })).toBeUndefined();
    for (const value of [0, Number.NaN]) {
      expect(againstBaseline({ ...score, baselines: [{ name: 'b', value }] })).toBeUndefined();
    }
  });

  test('has its sign', () => {
    expect([-50, 3.21, -0.01, 0.01].map(signedPercent)).toEqual([
      '−50.0\u00a0%',
      '+3.2\u00a0%',
      '0.0\u00a0%',
      '0.0\u00a0%',
    ]);
  });
});
