/** When a step is tried unasked: before training, once for a run, where it is short, and only shown while nothing was trained. */
import { expect, test, vi } from 'vitest';
import type { Rehearsal, RunInfo } from '../../../src/session/api/api.ts';
import { emptyPage, type PageState } from '../../../src/ui/page-state.ts';
import { createTrial } from '../../../src/ui/timeline/try-step.ts';

const tried: Rehearsal = { origin: 0, traces: [] };
const sampled = { origin: 1, traces: [] };

function trialOf(first: Partial<PageState>, seconds: number | 'unknown' = 0.1) {
  let state: PageState = { ...emptyPage(), ...first };
  const shown: Rehearsal[] = [];
  const answers: ((found: Rehearsal | undefined) => void)[] = [];
  const rehearse = vi.fn(() => new Promise<Rehearsal | undefined>(resolve => void answers.push(resolve)));
  const look = createTrial({
    state: () => state,
    predictedSeconds: () => (seconds === 'unknown' ? undefined : seconds),
    rehearse,
    show: each => void shown.push(each),
  });
  const to = (change: Partial<PageState>) => {
    state = { ...state, ...change };
    look();
  };
  return { look, to, rehearse, answers, shown };
}

const info = {} as RunInfo;

test('a run that stands ready is tried once, and of two tries the second is shown', async () => {
  const { look, rehearse, answers, shown } = trialOf({ info, status: 'ready' });
  look();
  look();
  expect(rehearse).toHaveBeenCalledTimes(1);
  answers[0](tried);
  await vi.waitFor(() => expect(rehearse).toHaveBeenCalledTimes(2));
  expect(shown).toEqual([]);
  answers[1](tried);
  await vi.waitFor(() => expect(shown).toEqual([tried]));
});

test.each([
  ['nothing is prepared', { status: 'idle' }],
  ['it trains', { info, status: 'running' }],
  ['a step was sampled', { info, status: 'paused', sampled }],
] as const)('not while %s', (_, state) => {
  const { look, rehearse } = trialOf(state);
  look();
  expect(rehearse).not.toHaveBeenCalled();
});

test('not where a step takes long, or nobody knows how long', () => {
  for (const seconds of [20, 'unknown'] as const) {
    const trial = trialOf({ info, status: 'ready' }, seconds);
    trial.look();
    expect(trial.rehearse).not.toHaveBeenCalled();
  }
});

test('what comes after a step was trained, or for a run that is gone, is not shown; another run is tried anew', async () => {
  const { to, rehearse, answers, shown } = trialOf({}, 1);
  to({ info, status: 'ready' });
  to({ status: 'running', sampled });
  answers[0](tried);
  await Promise.resolve();
  const other = {} as RunInfo;
  to({ info: other, status: 'ready', sampled: undefined });
  expect(rehearse).toHaveBeenCalledTimes(2);
  to({ info: undefined });
  answers[1](tried);
  await Promise.resolve();
  await Promise.resolve();
  expect(shown).toEqual([]);
});
