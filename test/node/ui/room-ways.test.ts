/** What browsers in a room could do: who with whom, over which links, and what is said of it. */
import { describe, expect, test } from 'vitest';
import { meshName } from '../../../src/mesh/mesh.ts';
import type { Prediction } from '../../../src/session/api/cut-prediction.ts';
import {
  browserText,
  type RoomBrowser,
  type RoomFacts,
  ranked,
  resultOf,
  roomCells,
  roomSentences,
  waysIn,
  wayTo,
} from '../../../src/ui/share/room-ways.ts';

const browser = (name: string, gigaflops: number, more: Partial<RoomBrowser> = {}): RoomBrowser => ({
  id: name,
  name,
  gigaflops,
  software: false,
  adapter: {} as RoomBrowser['adapter'],
  ...more,
});
const own = browser('this page', 400);
const ada = browser('Ada', 300, { roundTripMs: 1 });
const bo = browser('Bo', 12, { roundTripMs: 8, mostMegabytesPerSecond: 30 });
const facts = (...browsers: RoomBrowser[]): RoomFacts => ({
  browsers,
  isOneCard: false,
  like: { rows: 1, columns: 1, replicas: 1, wire: 'f16' },
});
const noPower = () => undefined;

describe('the link of a guest', () => {
  test('is what was seen of it, where that tells; else as links with such a round trip are', () => {
    expect(wayTo(ada)).toEqual({ latencyMs: 0.5, megabytesPerSecond: 60, evidence: 'assumed' });
    // Both ways together: half of it each.
    expect(wayTo(bo)).toEqual({ latencyMs: 4, megabytesPerSecond: 15, evidence: 'seen' });
    expect(wayTo({ ...bo, mostMegabytesPerSecond: 0.4 })).toMatchObject({ megabytesPerSecond: 10 });
    expect(wayTo({ ...bo, roundTripMs: 160, mostMegabytesPerSecond: 0 })).toMatchObject({
      latencyMs: 80,
      megabytesPerSecond: 5,
    });
    expect(wayTo({ ...bo, roundTripMs: undefined })).toMatchObject({ latencyMs: 3 });
  });

  test('what the user knows counts before all else', () => {
    expect(wayTo(bo, 110)).toMatchObject({ megabytesPerSecond: 110, evidence: 'typed' });
    expect(browserText(bo, false, 110)).toBe('Bo: 12 GFLOP/s; round trip 8 ms, 110 MB/s (as you say)');
    expect(browserText(own, true)).toBe('this page: 400 GFLOP/s');
  });
});

describe('ways', () => {
  const shown = (of: RoomFacts) =>
    waysIn(of, noPower).map(({ browsers, mesh, setting }) => [
      browsers.map(({ name }) => name).join('+'),
      meshName(mesh),
      setting.cardOf,
    ]);

  test('this page alone, all of them, and all but the slowest', () => {
    expect(shown(facts(own, ada, bo))).toEqual([
      ['this page', '1x1', [0]],
      ['this page+Ada+Bo', '1x1x3', [0, 1, 2]],
      ['this page+Ada+Bo', '1x3', [0, 1, 2]],
      ['this page+Ada+Bo', '3x1', [0, 1, 2]],
      ['this page+Ada', '1x1x2', [0, 1]],
      ['this page+Ada', '1x2', [0, 1]],
      ['this page+Ada', '2x1', [0, 1]],
    ]);
    const [{ mesh, setting }] = waysIn(facts(own, ada, bo), noPower).slice(-1);
    expect(mesh.wire).toBe('f16');
    expect(setting.cards.map(({ gigaflops }) => gigaflops)).toEqual([400, 300, 12]);
    expect(setting.ways!.map(({ megabytesPerSecond }) => megabytesPerSecond)).toEqual([1e6, 60, 15]);
  });

  test('nobody is left out of tabs, which are all on one card', () => {
    expect(shown({ ...facts(own, ada, bo), isOneCard: true })).toEqual([
      ['this page', '1x1', [0]],
      ...['1x1x3', '1x3', '3x1'].map(mesh => ['this page+Ada+Bo', mesh, [0, 0, 0]]),
    ]);
    expect(shown(facts(own))).toEqual([['this page', '1x1', [0]]]);
  });

  test('of a large room the first are taken', () => {
    const crowd = Array.from({ length: 29 }, (_, i) => browser(`guest ${i}`, 100));
    const ways = waysIn(facts(own, ...crowd), noPower);
    expect(Math.max(...ways.map(({ browsers }) => browsers.length))).toBe(16);
    expect(ways.every(({ mesh }) => mesh.rows * mesh.columns <= 8)).toBe(true);
  });
});

describe('what is said', () => {
  const predicted = (seconds: number, waitingSeconds: number, total: number): Prediction => ({
    mesh: own as never,
    memory: { total } as Prediction['memory'],
    steps: [{ name: 'room', seconds, waitingSeconds, aloneSeconds: 0.2 }],
  });
  const [alone, copies, columns] = waysIn(facts(own, bo), noPower);

  test('together is best: on which mesh, who sets the pace, and what needs least memory', () => {
    const results = ranked([
      resultOf(alone, predicted(0.2, 0, 80e6)),
      resultOf(copies, predicted(0.11, 0.0055, 60e6)),
      resultOf(columns, predicted(0.4, 0.3, 40e6)),
    ]);
    expect(results[0].mesh).toBe(copies.mesh);
    expect(roomSentences(results)).toEqual([
      'Best: 1x1x2 on this page and Bo, 110 ms a step instead of 200 ms on this page alone. Of it a rank waits 5 % for what the others send.',
      'All ranks get the same work, so Bo with 12 GFLOP/s sets the pace for this page with 400 GFLOP/s.',
      expect.stringMatching(
        /^Least memory: 1x2 on this page and Bo, 38\.1.MiB a rank instead of 57\.2.MiB\.$/,
      ),
    ]);
    const cells = roomCells(results[0]);
    expect(cells.slice(0, 5)).toEqual(['this page and Bo', '1x1x2', '110 ms', '1.8 x', '5 %']);
    expect(cells.at(-1)).toBe('not known');
  });

  test('this page alone is best, and why', () => {
    const results = ranked([
      resultOf(columns, predicted(0.4, 0.3, 40e6)),
      resultOf(alone, predicted(0.2, 0, 80e6)),
    ]);
    expect(roomSentences(results)[0]).toBe(
      'This page alone is the fastest. The best of the others, 1x2 on this page and Bo, takes 400 ms a step instead of 200 ms: for 75 % of it a rank waits for what the others send.',
    );
    expect(roomSentences(results.slice(0, 1))).toEqual(['There is nobody else here who could take a rank.']);
  });
});
