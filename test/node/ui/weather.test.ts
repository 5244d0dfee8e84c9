/** The fields of a lead in the units of people, and what is read off a map. */
import { expect, test } from 'vitest';
import type { RolloutView } from '../../../src/session/api/api.ts';
import { frameOf } from '../../../src/show/map-frame.ts';
import { createSampler } from '../../../src/show/map-image.ts';
import type { PeoplesField } from '../../../src/show/people.ts';
import { leadFields, leadScales } from '../../../src/ui/weather/lead-fields.ts';
import { pointAfter, readingAt, summaryOf } from '../../../src/ui/weather/reading.ts';
import { errorWords, summaryWords } from '../../../src/ui/weather/words.ts';

const celsius: PeoplesField = {
  label: 'temperature',
  listed: 'temperature',
  unit: '°C',
  scale: 1,
  offset: -273.15,
};
const halved: PeoplesField = { label: 'a half', listed: 'a half', unit: 'm', scale: 0.5, offset: 0 };
const places = { latitude: Float64Array.of(60, 20), longitude: Float64Array.of(10, 20) };
/** Channels 3 and 5 on 2 x 2 points, at two leads: value 100 c + 10 l + p; the forecast is 1 more. */
const values = (error: number) =>
  [1, 2].flatMap(l => [3, 5].flatMap(c => [0, 1, 2, 3].map(p => 100 * c + 10 * l + p + error)));
const view: RolloutView = {
  kind: 'rollout',
  startTime: Date.UTC(2001, 0, 1),
  channels: [3, 5],
  leadHours: [24, 48],
  start: Float32Array.from([3, 5].flatMap(c => [0, 1, 2, 3].map(p => 100 * c + p))),
  truth: Float32Array.from(values(0)),
  forecast: Float32Array.from(values(1)),
  errors: {
    forecast: Float32Array.of(1, 1, 1, 1),
    persistence: Float32Array.of(10, 11, 20, 21),
    climatology: Float32Array.of(30, 31, 32, 33),
  },
};

test('a lead has its own fields and errors, and differences no offset', () => {
  const { forecast, truth, difference, errors, leadHours, validTime } = leadFields(view, 5, 2, halved);
  expect([...truth]).toEqual([260, 260.5, 261, 261.5]);
  expect([...forecast]).toEqual([260.5, 261, 261.5, 262]);
  expect([...difference]).toEqual([0.5, 0.5, 0.5, 0.5]);
  expect(errors).toEqual({ forecast: 0.5, persistence: 10.5, climatology: 16.5 });
  expect([leadHours, validTime]).toEqual([48, Date.UTC(2001, 0, 3)]);
  const warm = leadFields(view, 3, 1, celsius);
  expect(warm.truth[0]).toBeCloseTo(310 - 273.15, 4);
  expect([...warm.difference]).toEqual([1, 1, 1, 1]);
});

test('at the start forecast and truth are what the forecast starts from', () => {
  const { forecast, truth, errors, leadHours } = leadFields(view, 5, 0, halved);
  expect([...forecast]).toEqual([250, 250.5, 251, 251.5]);
  expect(truth).toEqual(forecast);
  expect([errors, leadHours]).toEqual([undefined, 0]);
});

test('one scale holds all that happens, and reaches as far as "no change" goes wrong', () => {
  const { fields, errors } = leadScales(view, 5, halved);
  expect(fields.low).toBeLessThanOrEqual(250);
  expect(fields.high).toBeGreaterThanOrEqual(261.5);
  expect([errors.low, errors.high]).toEqual([-10, 10]);
});

test('highest and lowest with their places, the mean difference by area', () => {
  const field = Float32Array.of(3, Number.NaN, 9, 4);
  const summary = summaryOf(field, Float32Array.of(1, 1, 0, 0), places);
  expect(summary.highest).toEqual({ value: 9, north: 20, east: 10 });
  expect(summary.lowest).toEqual({ value: 3, north: 60, east: 10 });
  const [north, south] = [60, 20].map(degrees => Math.cos((degrees * Math.PI) / 180));
  expect(summary.meanDifference).toBeCloseTo(north / (north + south), 10);
  expect(summaryWords(summary, halved)).toBe(
    'Highest 9\u00a0m at 20° N 10° E, lowest 3\u00a0m at 60° N 10° E; on average +0.347\u00a0m off.',
  );
  const nothing = summaryOf(Float32Array.of(Number.NaN), undefined, places);
  expect(summaryWords(nothing, halved)).toBe('No value is known here.');
});

test('keys move by cells, begin in the middle and end at the rim', () => {
  expect(pointAfter('ArrowUp', undefined, 1, places)).toEqual({ across: 0.5, down: 0.5 });
  expect(pointAfter('ArrowRight', { across: 0.25, down: 0.5 }, 1, places)).toEqual({
    across: 0.75,
    down: 0.5,
  });
  expect(pointAfter('ArrowDown', { across: 0.25, down: 0.5 }, 5, places)).toEqual({ across: 0.25, down: 1 });
  expect(pointAfter('a', { across: 0.25, down: 0.5 }, 1, places)).toBeUndefined();
});

test('the corner of a region is read as it is painted', () => {
  const frame = frameOf(places.latitude, places.longitude);
  const sampler = createSampler(places.latitude, places.longitude, frame, 40);
  const reading = readingAt(
    { across: 1, down: 1 },
    { forecast: Float32Array.of(1, 2, 3, 4) },
    frame,
    sampler,
  );
  expect(reading).toEqual({ north: frame.south, east: frame.east, forecast: 4, truth: undefined });
});

test('that both are equal before training is said only where they are', () => {
  const lead = leadFields(view, 5, 1, halved);
  expect(errorWords(lead, halved, true)).not.toContain('untrained');
  const errors = { forecast: 10.52, persistence: 10.5, climatology: 16.5 };
  expect(errorWords({ ...lead, errors }, halved, true)).toContain('untrained, it says that');
  expect(errorWords({ ...lead, errors }, halved, false)).not.toContain('untrained');
});
