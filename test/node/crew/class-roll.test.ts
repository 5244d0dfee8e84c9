import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PupilAbout, Report } from '../../../src/crew/class/messages.ts';
import { createReporter } from '../../../src/crew/class/reporter.ts';
import {
  createRoll,
  inOrder,
  mostOnRoll,
  mostPoints,
  type Pupil,
  readyToRace,
  stateOf,
  tallyOf,
} from '../../../src/crew/class/roll.ts';

let now = 0;
const clock = () => now;
beforeEach(() => {
  now = 1000;
});

const about = (name: string, webgpu = true): PupilAbout => ({
  gpu: 'M2',
  webgpu,
  token: name.padEnd(20, '0'),
});
const report = (change: Partial<Report> = {}): Report => ({
  type: 'report',
  status: 'running',
  step: 1,
  steps: 100,
  guided: true,
  ...change,
});

/** A roll with pupils who were let in. Their ids are their names. */
function rollOf(...names: string[]) {
  const roll = createRoll(clock);
  for (const name of names) {
    roll.met(name, name, about(name));
    roll.admitted(name);
  }
  const of = (name: string): Pupil => {
    const found = roll.pupils().find(pupil => pupil.name === name);
    if (!found) throw new Error(`${name} is not on the roll`);
    return found;
  };
  return { roll, of, state: (name: string) => stateOf(of(name), now) };
}

describe('what a card says', () => {
  test('who asks, waits, prepares, is ready, trains, pauses, is done, watches, and whose run failed', () => {
    const { roll, state } = rollOf('Ann');
    roll.met('Bob', 'Bob', about('Bob'));
    expect(state('Bob')).toBe('asking');
    expect(state('Ann')).toBe('waiting');
    for (const [status, said] of [
      ['preparing', 'preparing'],
      ['ready', 'ready'],
      ['running', 'training'],
      ['paused', 'paused'],
      ['done', 'done'],
      ['failed', 'failed'],
      ['watching', 'watching'],
    ] as const) {
      roll.reported('Ann', report({ status }));
      expect(state('Ann')).toBe(said);
    }
    roll.met('Eve', 'Eve', about('Eve', false));
    roll.admitted('Eve');
    expect(state('Eve')).toBe('watching');
  });

  test('a run is stuck that makes no step for 15 s, or for five times its longest pause', () => {
    const { roll, state } = rollOf('Ann', 'Slow');
    roll.reported('Ann', report());
    roll.reported('Slow', report());
    now += 14_000;
    roll.reported('Slow', report({ step: 2 }));
    now += 1001;
    expect(state('Ann')).toBe('stuck');
    now += 60_000;
    expect(state('Slow')).toBe('training');
    now += 10_000;
    expect(state('Slow')).toBe('stuck');
    roll.reported('Ann', report({ step: 2 }));
    expect(state('Ann')).toBe('training');
  });

  test('to say the same again moves nothing, and a paused run is never stuck', () => {
    const { roll, state } = rollOf('Ann');
    roll.reported('Ann', report());
    now += 16_000;
    roll.reported('Ann', report());
    expect(state('Ann')).toBe('stuck');
    roll.reported('Ann', report({ status: 'paused' }));
    now += 1e6;
    expect(state('Ann')).toBe('paused');
  });
});

describe('who comes and goes', () => {
  test('who is gone stays on the wall with the reason, and who comes back is the same and need not ask', () => {
    const { roll, of, state } = rollOf('Ann');
    roll.reported('Ann', report({ loss: 0.5 }));
    roll.gone('Ann', 'nothing was heard from it for 4 s');
    expect(state('Ann')).toBe('gone');
    expect(of('Ann').reason).toContain('4 s');
    expect(roll.met('after a reload', 'Ann', about('Ann')), 'was let in before').toBe(true);
    roll.admitted('after a reload');
    expect(roll.pupils()).toHaveLength(1);
    expect(of('Ann').curve).toHaveLength(1);
  });

  test('two of one name are told apart, and who only asked leaves nothing', () => {
    const { roll } = rollOf('Ann');
    expect(roll.met('2', 'Ann', { ...about('Ann'), token: 'another'.padEnd(20, '0') })).toBe(false);
    expect(roll.pupils().map(({ name }) => name)).toEqual(['Ann', 'Ann (2)']);
    roll.gone('2', 'its page was closed');
    expect(roll.pupils()).toHaveLength(1);
  });

  test('nothing is taken from who was not let in', () => {
    const roll = createRoll(clock);
    roll.met('Bob', 'Bob', about('Bob'));
    roll.reported('Bob', report());
    roll.predicted('Bob', { type: 'prediction', lesson: 1, question: 0, choice: 0 });
    roll.reported('nobody', report());
    expect(roll.pupils()[0]).toMatchObject({ report: undefined, predictions: {} });
  });

  test('however many come and go, the roll is bounded', () => {
    const { roll } = rollOf('Ann');
    for (let i = 0; i < mostOnRoll + 50; i++) {
      roll.met(`${i}`, `${i}`, about(`${i}`));
      roll.admitted(`${i}`);
      roll.gone(`${i}`, 'left');
    }
    expect(roll.pupils()).toHaveLength(mostOnRoll);
    expect(roll.pupils()[0].name).toBe('Ann');
  });
});

test('a curve has at most so many points, and begins anew with another run', () => {
  const { roll, of } = rollOf('Ann');
  for (let step = 1; step <= 5 * mostPoints; step++) roll.reported('Ann', report({ step, loss: 1 / step }));
  const { curve } = of('Ann');
  expect(curve.length).toBeGreaterThan(mostPoints / 4);
  expect(curve.length).toBeLessThanOrEqual(mostPoints);
  expect(curve[0].step).toBe(1);
  expect(curve.at(-1)!.step).toBeGreaterThan(5 * mostPoints - 2);
  roll.reported('Ann', report({ step: 1, loss: 2 }));
  expect(of('Ann').curve).toEqual([{ step: 1, loss: 2, seconds: 0 }]);
});

test('who needs the teacher comes first, or by name, or by loss', () => {
  const { roll } = rollOf('Ann 10', 'Ann 9', 'Bob', 'Cem');
  roll.reported('Ann 10', report({ loss: 0.5 }));
  roll.reported('Ann 9', report({ loss: 0.3 }));
  roll.reported('Bob', report({ status: 'failed' }));
  roll.reported('Cem', report({ status: 'paused', loss: 0.4 }));
  const names = (order: 'stuck' | 'name' | 'loss') =>
    inOrder(roll.pupils(), order, now).map(({ name }) => name);
  expect(names('stuck')).toEqual(['Bob', 'Cem', 'Ann 9', 'Ann 10']);
  expect(names('name')).toEqual(['Ann 9', 'Ann 10', 'Bob', 'Cem']);
  expect(names('loss')).toEqual(['Ann 9', 'Cem', 'Ann 10', 'Bob']);
});

test('the tally counts the last choice of each, of those too who are gone, and who has not answered', () => {
  const { roll } = rollOf('Ann', 'Bob', 'Cem', 'Dan');
  const choose = (name: string, choice: number, question = 1) =>
    roll.predicted(name, { type: 'prediction', lesson: 3, question, choice });
  choose('Ann', 0);
  choose('Ann', 1);
  choose('Bob', 1);
  choose('Cem', 0, 0);
  choose('Dan', 7);
  roll.gone('Bob', 'left');
  expect(tallyOf(roll.pupils(), { lesson: 3, question: 1 }, 3)).toEqual({ counts: [0, 2, 0], open: 2 });
});

test('a race: lanes are given, curves and clocks begin anew, and who is set up for it stands at the start', () => {
  const { roll, of } = rollOf('Ann', 'Bob');
  roll.reported('Ann', report({ step: 50, loss: 0.3 }));
  roll.race(new Map([['Ann', 'mesh 1x1']]));
  expect(of('Ann')).toMatchObject({ lane: 'mesh 1x1', curve: [] });
  expect(readyToRace(roll.pupils(), 1)).toEqual({ ready: 0, racing: 1 });
  roll.reported('Ann', report({ status: 'ready', step: 0, race: 1 }));
  expect(readyToRace(roll.pupils(), 1)).toEqual({ ready: 1, racing: 1 });
  roll.startClocks();
  now += 2500;
  roll.reported('Ann', report({ step: 3, loss: 0.9, race: 1 }));
  expect(of('Ann').curve).toEqual([{ step: 3, loss: 0.9, seconds: 2.5 }]);
});

describe('a reporter', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('tells at once, then at most once a second, and no more when it has ended', () => {
    const told: number[] = [];
    const reporter = createReporter(() => told.push(performance.now()), 1000);
    const begun = performance.now();
    for (let i = 0; i < 100; i++) {
      reporter.changed();
      vi.advanceTimersByTime(25);
    }
    expect(told.map(at => at - begun)).toEqual([0, 1000, 2000]);
    vi.advanceTimersByTime(10_000);
    expect(told, 'what changed last is told').toHaveLength(4);
    vi.advanceTimersByTime(10_000);
    expect(told, 'nothing has changed').toHaveLength(4);
    reporter.changed();
    reporter.end();
    reporter.changed();
    vi.advanceTimersByTime(10_000);
    expect(told).toHaveLength(4);
  });
});
