/** What the page says a rank is doing: of a step, what it computes, exchanges, and waits for data. */
import { expect, test } from 'vitest';
import type { Member } from '../../../src/crew/api.ts';
import type { RankReport } from '../../../src/session/api/api.ts';
import { doing as doingAmong, type RankView, sharesOf as sharesAmong } from '../../../src/ui/rank-view.ts';

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

const doing = (one: RankView) => doingAmong(one, [one]);
const sharesOf = (one: RankView) => sharesAmong(one, [one]);

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
    const { work, card, exchange, data } = sharesOf(view({ dataMs, exposedExchangeMs }))!;
    expect(work + card + exchange + data).toBe(100);
    expect(Math.min(work, card, exchange, data)).toBeGreaterThanOrEqual(0);
  }
});

test('a rank that does not train, or has not reported, has no shares', () => {
  expect(sharesOf({ ...view({}), state: 'waiting' })).toBe(undefined);
  expect(sharesOf({ ...view({}), report: undefined })).toBe(undefined);
  expect(doing({ ...view({}), state: 'lost' })).toBe('lost');
});

test('ranks of one page wait for its card in turns: what they compute is no more than one card can', () => {
  const member = { id: 'host' } as Member;
  const four = [198, 190, 182, 190].map((ms, rank): RankView => {
    const reported = { ...report, rank, dataMs: 0, exposedExchangeMs: 200 - ms };
    return { ...view({}), rank, member, report: reported };
  });
  const shares = four.map(one => sharesAmong(one, four)!);
  const own = shares.reduce((sum, { work }) => sum + work, 0);
  expect(own).toBeLessThanOrEqual(100);
  expect(own).toBeGreaterThan(95);
  expect(doingAmong(four[0], four)).toBe(
    'computing 26 %, waiting for the card 73 %, exchanging 1 %, waiting for data 0 %',
  );
  // On cards of their own none waits for one, and a page that is known to be on the same card counts as here.
  const apart = four.map((one, rank) => ({ ...one, member: { id: `page ${rank}` } as Member }));
  expect(doingAmong(apart[0], apart)).toBe('computing 99 %, exchanging 1 %, waiting for data 0 %');
  const tabs = apart.map(one => ({ ...one, card: 'this browser' }));
  expect(sharesAmong(tabs[3], tabs)).toEqual(shares[3]);
});

test('ranks that take turns by themselves do not wait for the card', () => {
  const member = { id: 'host' } as Member;
  const two = [0, 1].map(
    (rank): RankView => ({ ...view({ dataMs: 0, exposedExchangeMs: 100 }), rank, member }),
  );
  expect(doingAmong(two[1], two)).toBe(
    'computing 50 %, waiting for the card 0 %, exchanging 50 %, waiting for data 0 %',
  );
});
