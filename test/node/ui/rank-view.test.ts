/** What the page says a rank is doing: of a step, what it computes, exchanges, and waits for data. */
import { expect, test } from 'vitest';
import type { RankReport } from '../../../src/session/api/api.ts';
import { doing, type RankView, sharesOf } from '../../../src/ui/rank-view.ts';

const report: RankReport = {
  rank: 0,
  bytesSent: 0,
  messagesSent: 0,
  stepMs: 200,
  dataMs: 21,
  exchangeMs: 90,
  exposedExchangeMs: 50,
};
const view = (changes: Partial<RankReport>): RankView => ({
  rank: 0,
  row: 0,
  column: 0,
  replica: 0,
  state: 'running',
  report: { ...report, ...changes },
});

test('waiting for data is told apart from computing and exchanging', () => {
  expect(doing(view({}))).toBe('computing 64 %, exchanging 25 %, waiting for data 11 %');
  expect(doing(view({ dataMs: 0, exposedExchangeMs: 0 }))).toBe(
    'computing 100 %, exchanging 0 %, waiting for data 0 %',
  );
});

test('shares are those of one step, however its parts round', () => {
  for (const [dataMs, exposedExchangeMs] of [
    [99, 101],
    [1, 199],
    [0.9, 1.1],
    [199, 2],
  ]) {
    const { computing, exchanging, loading } = sharesOf(view({ dataMs, exposedExchangeMs }))!;
    expect(computing + exchanging + loading).toBe(100);
    expect(Math.min(computing, exchanging, loading)).toBeGreaterThanOrEqual(0);
  }
});

test('a rank that does not train, or has not reported, has no shares', () => {
  expect(sharesOf({ ...view({}), state: 'waiting' })).toBe(undefined);
  expect(sharesOf({ ...view({}), report: undefined })).toBe(undefined);
  expect(doing({ ...view({}), state: 'lost' })).toBe('lost');
});
