/** Files as people have them (`test/fixtures/cases`): each reads as it must, or says why not. */
import { expect, it } from 'vitest';
import { type Dataset, stateAt } from '../../../src/data/dataset.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { dateOf, isoDay, parseDay } from '../../../src/io/calendar.ts';
import { DataError } from '../../../src/io/data-error.ts';
import { evaluateClimatology, fitClimatology } from '../../../src/tasks/forecast/climatology.ts';
import cases from '../../fixtures/cases/cases.json' with { type: 'json' };
import { caseChoice } from './case-files.ts';

interface Case {
  readonly channels?: Readonly<
    Record<string, { known: number; values: number; mean: number; min: number; max: number }>
  >;
  readonly times?: { readonly first: string; readonly lastYear: number; readonly lastDayOfYear: number };
  readonly calendar?: string;
  /** Words that the message has. */
  readonly error?: string;
}

/** Of every channel, over all steps. */
function summary({ channels, values, latitude, longitude }: Dataset): Case['channels'] {
  const points = latitude.length * longitude.length;
  return Object.fromEntries(
    channels.map(({ name }, c) => {
      const own = values.filter((_, i) => Math.floor(i / points) % channels.length === c);
      const known = own.filter(value => !Number.isNaN(value));
      return [
        name,
        {
          known: known.length,
          values: own.length,
          mean: known.reduce((sum, value) => sum + value, 0) / known.length,
          min: known.reduce((a, b) => Math.min(a, b)),
          max: known.reduce((a, b) => Math.max(a, b)),
        },
      ];
    }),
  );
}

function expectTimes(
  { times, calendar }: Dataset,
  { first, lastYear, lastDayOfYear }: NonNullable<Case['times']>,
) {
  const last = times[times.length - 1];
  expect(isoDay(times[0], calendar)).toBe(first);
  expect(dateOf(last, calendar).year).toBe(lastYear);
  expect((last - parseDay(`${lastYear}-01-01`, calendar)) / 86_400_000 + 1).toBe(lastDayOfYear);
}

it.each(Object.entries<Case>(cases))('%s', async (name, { channels, error, times, calendar }) => {
  const reading = loadDataset(caseChoice(name));
  if (error) {
    const failure = await reading.then(
      () => undefined,
      thrown => thrown,
    );
    expect(failure).toBeInstanceOf(DataError);
    expect(String(failure)).toContain(error);
    return;
  }
  const { dataset } = await reading;
  if (calendar) expect(dataset.calendar).toBe(calendar);
  if (times) expectTimes(dataset, times);
  const found = summary(dataset);
  expect(Object.keys(found ?? {})).toEqual(Object.keys(channels ?? {}));
  for (const [channel, expected] of Object.entries(channels ?? {})) {
    const { known, values, mean, min, max } = found![channel];
    expect({ channel, known, values }).toEqual({ channel, known: expected.known, values: expected.values });
    for (const [a, b] of [
      [mean, expected.mean],
      [min, expected.min],
      [max, expected.max],
    ]) {
      expect(Math.abs(a - b)).toBeLessThan(1e-6 * Math.max(1, Math.abs(b)));
    }
  }
});

it('radians become degrees', async () => {
  const { latitude, longitude } = (await loadDataset(caseChoice('radians.nc'))).dataset;
  const ends = [latitude[0], latitude[latitude.length - 1], longitude[0], longitude[longitude.length - 1]];
  ends.forEach((degrees, i) => {
    expect(degrees).toBeCloseTo([60, 30, -20, 20][i], 4);
  });
});

it.each(['calendar-noleap.nc', 'calendar-360.nc'])('%s leaves nothing beside its climatology', async name => {
  const { dataset } = await loadDataset(caseChoice(name));
  const coefficients = fitClimatology(dataset, 0, dataset.times.length, 2);
  let squares = 0;
  for (const [t, time] of dataset.times.entries()) {
    const field = evaluateClimatology(coefficients, 2, time, dataset.calendar);
    stateAt(dataset, t).forEach((value, p) => {
      squares += (value - field[p]) ** 2 / dataset.values.length;
    });
  }
  expect(Math.sqrt(squares)).toBeLessThan(0.02);
});
