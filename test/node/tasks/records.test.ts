/** Samples of records that do not simply follow each other: members of an ensemble, gaps in time, steps of months, calendars. */
import { describe, expect, it } from 'vitest';
import { timeSteps } from '../../../src/data/cf/steps.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { timeOfRecord, withMembers } from '../../../src/data/record-axis.ts';
import { sliceDataset } from '../../../src/data/slice.ts';
import { type Calendar, isoDay, parseDay } from '../../../src/io/calendar.ts';
import { forecastPresets } from '../../../src/session/api/presets.ts';
import { frameOfShape } from '../../../src/tasks/forecast/frame.ts';
import { makeTask } from '../../../src/tasks/forecast/make-task.ts';
import { furthestFrom } from '../../../src/tasks/forecast/map-view.ts';
import { runTask } from '../../../src/tasks/forecast/run-task.ts';
import { openShard } from '../../../src/tasks/forecast/shard-reader.ts';
import {
  mergeMoments,
  momentsOf,
  readBoxOf,
  shardOfSlice,
} from '../../../src/tasks/forecast/slice-moments.ts';
import { frameOf, sliceTask } from '../../../src/tasks/forecast/slice-task.ts';
import { leftOut, splitTime } from '../../../src/tasks/forecast/split.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';
import { makeDataset } from '../data/fixtures.ts';

const DAY = 86_400_000;
const options: TaskOptions = {
  inputSteps: 2,
  leadSteps: 3,
  patch: [1, 1],
  split: { kind: 'fraction', train: 0.5, validation: 0.25 },
  normalisation: 'standard',
  harmonics: 0,
  seasonInputs: true,
};

/** One value at each point: of day d of member m it is 100 m + d. */
function dataset(days: readonly number[], members?: readonly number[]): Dataset {
  const axis = withMembers(
    timeSteps(
      Float64Array.from(days, day => Date.UTC(2001, 0, 1) + day * DAY),
      'standard',
      'a.nc',
    ),
    members,
  );
  const count = members?.length ?? 1;
  const record = (i: number) => 100 * (i % count) + days[Math.floor(i / count)];
  return { ...makeDataset({ steps: axis.times.length, value: record }), ...axis };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const withGap = [...range(0, 12), ...range(15, 43)];

describe('members', () => {
  const task = makeTask(dataset(range(0, 40), [0, 4, 9]), options);
  const dayValue = (record: number) => task.dataset.values[6 * record];

  it('no time is in two parts, and every sample stays within its member', () => {
    // 20, 10 and 10 days.
    const days = (samples: Int32Array) => [...new Set(Array.from(samples, t => dayValue(t) % 100))];
    expect(days(task.train)).toEqual(range(1, 17));
    expect(days(task.validation)).toEqual(range(21, 27));
    expect(days(task.test)).toEqual(range(31, 37));
    expect(task.train.length).toBe(3 * 16);
  });

  it('a shard gives the inputs and the target of one member', () => {
    const box = { inputChannels: [0, 1], outputChannels: [0], rowFrom: 0, rowTo: 2 };
    const { mean, std } = task.normalisation;
    const shard = openShard(sliceTask(task, box));
    const input = new Float32Array(2 * 6);
    const target = new Float32Array(6);
    for (const time of task.train) {
      shard.fill({ input, target }, 0, time, { seed: 1, drawn: 0 });
      const [before, newest, ahead] = [input[0], input[6], target[0]].map(v => v * std[0] + mean[0]);
      expect(newest).toBeCloseTo(dayValue(time), 3);
      expect(before - newest).toBeCloseTo(-1, 3);
      expect(ahead - newest).toBeCloseTo(3, 3);
    }
    const whole = new Float32Array(4 * 6);
    task.fillInput(task.test[1], whole, 0);
    expect((whole[6] - whole[0]) * std[0]).toBeCloseTo(1, 3);
  });

  it('the forecast reaches as far as the record does', () => {
    const rolling = makeTask(dataset(range(0, 40), [0, 4]), { ...options, inputSteps: 1 });
    // From day 30 to day 39.
    expect(furthestFrom(rolling, 60)).toBe(3);
  });
});

describe('gaps', () => {
  it('samples that would cross one are left out, and counted', () => {
    const data = dataset(withGap);
    const task = makeTask(data, options);
    const days = (samples: Int32Array) => Array.from(samples, t => withGap[t]);
    // Days 0 to 22 without 12 to 14: a sample takes days d - 1, d and d + 3.
    expect(days(task.train)).toEqual([...range(1, 9), ...range(16, 20)]);
    // Days 9, 10, 11 have their target in the gap or across it, and 15 its oldest input in it.
    expect(leftOut(data, splitTime(data, options).train, options)).toBe(4);
    expect(leftOut(data, splitTime(data, options).test, options)).toBe(0);
  });

  it('the summary of a run says how many', () => {
    const task = makeTask(dataset(withGap), options);
    const settings = { ...options, scoredStarts: 1, scoredSteps: [1] };
    expect(runTask(task, frameOfShape(task, false), settings, 'files').summary).toContain(
      '4 samples are left out, which would cross a gap in time.',
    );
  });

  it('forecasts end before it', () => {
    const task = makeTask(dataset(withGap), { ...options, inputSteps: 1, leadSteps: 1 });
    expect(furthestFrom(task, 9)).toBe(2);
  });

  it('ranks that read for themselves leave out the same, of every member', () => {
    const data = dataset(withGap, [1, 2]);
    const task = makeTask(data, options);
    const { train, validation, test, masked, ...frame } = frameOf(task);
    const boxes = [0, 1].map(rowFrom => ({
      inputChannels: [0, 1, 2, 3],
      outputChannels: [0],
      rowFrom,
      rowTo: rowFrom + 1,
    }));
    const measured = boxes.map(box => momentsOf(frame, box, sliceDataset(data, readBoxOf(frame, box))));
    const shared = mergeMoments(
      frame,
      measured.map(({ part }) => part),
    );
    boxes.forEach((box, rank) => {
      const { values, ...rest } = shardOfSlice(frame, box, measured[rank], shared);
      const { values: expected, ...others } = sliceTask(task, box);
      expect(rest).toEqual(others);
      expect(Math.max(...values.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
    });
    expect(train.length).toBe(2 * 12);
  });
});

describe('time steps', () => {
  const steps = (dates: readonly string[], calendar: Calendar = 'standard') =>
    timeSteps(
      Float64Array.from(dates, date => parseDay(date, calendar)),
      calendar,
      'a.nc',
    );

  it('of months follow the calendar, on any day of the month', () => {
    const months = range(1, 13).map(month => `2001-${`${month}`.padStart(2, '0')}-01`);
    const axis = steps(months);
    expect(axis).toMatchObject({ stepMonths: 1, stepHours: 730.485, steps: undefined });
    expect(isoDay(timeOfRecord(axis, 12))).toBe('2002-01-01');
    expect(isoDay(timeOfRecord(axis, 13))).toBe('2002-02-01');
    const ends = ['2001-01-31', '2001-02-28', '2001-03-31', '2001-04-30'];
    expect(steps(ends).stepMonths).toBe(1);
    const middles = ['2001-01-16T12:00', '2001-02-15T00:00', '2001-03-16T12:00', '2001-04-16T00:00'];
    expect(steps(middles, 'noleap').stepMonths).toBe(1);
    expect([...(steps(months.filter((_, i) => i !== 5)).steps ?? [])]).toEqual([
      0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11,
    ]);
    expect(steps(['2001-01-01', '2001-04-01', '2001-07-01', '2001-10-01', '2002-01-01']).stepMonths).toBe(3);
    // All months are alike.
    expect(steps(months, '360_day').stepHours).toBe(720);
  });

  it('of years are of twelve months, and their dates stay: no two years need be equally long', () => {
    const years = range(1999, 2009).map(year => `${year}-07-02`);
    const axis = steps(years);
    expect(axis).toMatchObject({ stepMonths: 12, steps: undefined });
    expect(Array.from(axis.times, time => isoDay(time))).toEqual(years);
    expect(isoDay(timeOfRecord(axis, 10))).toBe('2009-07-02');
  });

  it('that are no whole steps or months apart are refused', () => {
    expect(() => steps(['2001-01-01', '2001-02-11', '2001-03-01', '2001-04-20'])).toThrow(
      /not equally spaced: .* must lie whole steps or whole months apart/,
    );
  });

  it('are sorted, and those that repeat are one', () => {
    const axis = timeSteps(
      Float64Array.of(3, 1, 2, 2).map(day => day * DAY),
      'standard',
      'a.nc',
    );
    expect([...axis.times]).toEqual([DAY, 2 * DAY, 3 * DAY]);
    expect([3, 1, 2, 2].map(day => axis.stepOf(day * DAY))).toEqual([2, 0, 1, 1]);
  });

  it('of a long record with gaps keep their numbers', () => {
    // Summers of thirty years.
    const days = range(0, 30).flatMap(year => range(0, 92).map(day => 365 * year + day));
    const { steps: numbers, stepHours } = timeSteps(
      Float64Array.from(days, day => day * DAY),
      'noleap',
      'a.nc',
    );
    expect(stepHours).toBe(24);
    expect([...(numbers ?? [])]).toEqual(days);
  });
});

describe('the season', () => {
  it.each<[Calendar, number]>([
    ['360_day', 360],
    ['noleap', 365],
    ['all_leap', 366],
    ['julian', 365.25],
  ])('in %s repeats with the years of that calendar', (calendar, days) => {
    const count = Math.floor(30 * days);
    const season = (day: number) =>
      10 * Math.cos((2 * Math.PI * day) / days) + 3 * Math.sin((4 * Math.PI * day) / days);
    const first = parseDay('1961-01-01', calendar);
    const data = { ...makeDataset({ steps: count, value: season }), calendar };
    data.times.forEach((_, t) => {
      data.times[t] = first + t * DAY;
    });
    const task = makeTask(data, { ...options, normalisation: 'anomaly', harmonics: 2 });
    const errors = range(count - 1000, count).map(t => task.climatologyAt(t)[0] - season(t));
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-3);
    expect(isoDay(data.times[count - 1], calendar).slice(0, 7)).toBe('1990-12');
  });
});

describe('a preset that was made for one record', () => {
  const { options } = forecastPresets.regional.task;
  const daily = (days: number, first = '2001-01-01', stepHours = 24) => ({
    times: Float64Array.from({ length: days }, (_, day) => Date.parse(first) + day * stepHours * 3_600_000),
    stepHours,
  });
  const lengths = (record: Parameters<typeof splitTime>[0]) =>
    Object.values(splitTime(record, options)).map(({ from, to }) => to - from);

  it('cuts that record as ever: nothing validates', () => {
    expect(lengths(daily(3652))).toEqual([2922, 0, 730]);
  });

  it.each([
    ['a month, hour by hour', daily(744, '2020-01-01', 1), [595, 75, 74]],
    ['other years', daily(3652, '1991-01-01'), [2922, 365, 365]],
    ['a part of those years', daily(3651), [2921, 365, 365]],
  ])('cuts %s so that something validates, and as much trains', (_, record, parts) => {
    expect(lengths(record)).toEqual(parts);
  });

  it('leaves a record alone that is too short for another part', () => {
    expect(lengths(daily(60))).toEqual([48, 0, 12]);
  });
});
