/** A step as lanes and as one strip: small ones counted by hand, and steps of the demo as they are simulated. */
import { describe, expect, test } from 'vitest';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { hashOf } from '../../../src/plan/hash.ts';
import type { Plan, PlanStep } from '../../../src/plan/plan.ts';
import { coveredMs, type Span, type StepTrace } from '../../../src/plan/trace.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { kernelShares } from '../../../src/show/kernel-shares.ts';
import { lanesOf, type StepLanes } from '../../../src/show/lanes.ts';
import { pathStrip } from '../../../src/show/path-strip.ts';
import { pieceKinds, type TimeSums } from '../../../src/show/pieces.ts';
import { spansCsv } from '../../../src/show/span-rows.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { demo } from '../models/demo-model.ts';

const work = (from: number, begun: number, ended: number): Span => ({
  ...{ lane: 'device', from, to: from + 1, begun, ended },
});
const wait = (from: number, to: number, peer: number, begun: number, ended: number): Span => ({
  ...{ lane: 'link', peer, from, to, begun, ended, exposed: true },
});
const traceOf = (rank: number, spans: readonly Span[], plan = 'plan'): StepTrace => ({
  ...{ plan, rank, step: 7, resolution: 0.1, spans },
});
const unknown = () => undefined;
const oneCard = () => 'card';
const total = (sums: TimeSums) => pieceKinds.reduce((sum, kind) => sum + sums[kind], 0);
const shown = ({ pieces }: { pieces: StepLanes['ranks'][number]['pieces'] }) =>
  pieces.map(({ kind, share, begun, ended }) => [kind, share, begun, ended]);

const provenance = { layer: 'blocks.0', phase: 'forward', op: 'matmul', shape: [1] } as const;
const kernel = (flops: number, shader = 'matmul'): PlanStep => ({
  ...{ kind: 'dispatch', label: shader, shader, constants: {}, params: [], operands: [], provenance },
  workgroups: [1, 1, 1],
  work: { kernel: 'product', flops, read: 4, written: 4 },
});
const exchange = { label: 'swap', exchange: 3, group: 'row', provenance };
const at = { space: 'exchange', block: 0, offset: 0, bytes: 8 };

describe('counted by hand', () => {
  test('ranks whose work overlaps on one card get equal shares of it, and wait for it in the rest', () => {
    const traces = [
      traceOf(0, [work(0, 100, 104)]),
      traceOf(1, [work(0, 102, 108)]),
      traceOf(2, [work(0, 103, 104)]),
    ];
    const shared = lanesOf(traces, unknown, oneCard)!;
    expect(shared.wallMs).toBe(8);
    expect(shared.cards.map(({ turns }) => turns.map(turn => [turn.ranks, turn.begun, turn.ended]))).toEqual([
      [
        [[0], 0, 2],
        [[0, 1], 2, 3],
        [[0, 1, 2], 3, 4],
        [[1], 4, 8],
      ],
    ]);
    expect(shown(shared.ranks[0])).toEqual([
      ['work', 1, 0, 2],
      ['work', 1 / 2, 2, 3],
      ['work', 1 / 3, 3, 4],
      ['rest', 0, 4, 8],
    ]);
    const own = shared.ranks.map(({ sums }) => sums.work);
    expect(own.map(ms => ms.toFixed(4))).toEqual(['2.8333', '4.8333', '0.3333']);
    expect(own.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(shared.cards[0].busyMs, 12);
    const apart = lanesOf(traces, unknown)!;
    expect(apart.cards).toHaveLength(3);
    expect(apart.ranks.map(({ sums }) => [sums.work, sums.card])).toEqual([
      [4, 0],
      [6, 0],
      [1, 0],
    ]);
  });

  test('between its spans a rank waits: for an exchange first, then for data, then for a card that others have', () => {
    const data: Span = { lane: 'data', from: 0, to: 0, begun: 0, ended: 1 };
    const hidden: Span = { ...wait(1, 3, 1, 2, 3), exposed: false };
    const first = traceOf(0, [data, work(0, 1, 3), hidden, wait(1, 3, 1, 3, 5), work(4, 7, 8)]);
    const second = traceOf(1, [work(0, 1, 3), work(2, 4, 6)]);
    const { ranks, links } = lanesOf([first, second], unknown, oneCard)!;
    expect(shown(ranks[0])).toEqual([
      ['data', 0, 0, 1],
      ['work', 1 / 2, 1, 3],
      ['exchange', 0, 3, 5],
      ['card', 0, 5, 6],
      ['rest', 0, 6, 7],
      ['work', 1, 7, 8],
    ]);
    expect(ranks[0].sums).toEqual({ work: 2, card: 2, exchange: 2, data: 1, rest: 1 });
    expect(ranks[0].hiddenMs).toBe(1);
    // What goes on while the rank waits is cut out, as the simulator tells all that is on its way.
    const long: Span = { ...wait(1, 3, 1, 2, 6), exposed: undefined };
    const [cut] = lanesOf(
      [traceOf(0, [work(0, 1, 3), long, wait(3, 4, 1, 3, 5), work(4, 5, 8)])],
      unknown,
    )!.ranks;
    expect(cut.hidden.map(({ begun, ended }) => [begun, ended])).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(links.map(link => [link.ranks, link.spans.length, link.busyMs])).toEqual([[[0, 1], 2, 3]]);
  });

  test('the strip goes on with the peer that was last to send', () => {
    const steps: PlanStep[] = [
      kernel(1),
      { kind: 'start', ...exchange, sends: [{ peer: 1, at }] },
      { kind: 'finish', ...exchange, receives: [{ peer: 1, at }] },
      kernel(1),
    ];
    const mirrored = steps.map((step): PlanStep => {
      if (step.kind === 'start') return { ...step, sends: [{ peer: 0, at }] };
      return step.kind === 'finish' ? { ...step, receives: [{ peer: 0, at }] } : step;
    });
    const traces = [
      traceOf(0, [work(0, 0, 2), wait(1, 3, 1, 2, 7), work(3, 7, 10)], 'zero'),
      traceOf(1, [work(0, 0, 6), work(3, 6, 7)], 'one'),
    ];
    const lanes = lanesOf(traces, hash => (hash === 'zero' ? steps : mirrored))!;
    expect(lanes.ranks[0].spans[1].exchange).toBe(3);
    const strip = pathStrip(lanes);
    expect(strip.pieces.map(({ rank, kind, begun, ended }) => [rank, kind, begun, ended])).toEqual([
      [1, 'work', 0, 6],
      [0, 'exchange', 6, 7],
      [0, 'work', 7, 10],
    ]);
    expect(strip.sums).toEqual({ work: 9, card: 0, exchange: 1, data: 0, rest: 0 });
    expect(strip.bound).toBe('work');
    // Without the plan nobody knows whose fault it was: the strip stays with the rank.
    expect(pathStrip(lanesOf(traces, unknown)!).sums).toEqual({
      ...{ work: 5, card: 0, exchange: 5, data: 0, rest: 0 },
    });
  });

  test('several passes of a rank are one lane, and a step that left nothing behind has none', () => {
    const traces = [traceOf(0, [work(0, 5, 6)], 'a'), traceOf(0, [work(0, 6, 8)], 'b')];
    const { ranks } = lanesOf(traces, unknown)!;
    expect(ranks[0].spans.map(({ pass, plan }) => [pass, plan])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
    expect(ranks[0].sums.work).toBe(3);
    expect(lanesOf([traceOf(0, [])], unknown)).toBe(undefined);
  });

  test('a span of several kernels is shared out by their FLOPs, or by bytes where they have none', () => {
    const steps = [kernel(4), kernel(2), kernel(2, 'norm')];
    const span: Span = { lane: 'device', from: 0, to: 3, begun: 0, ended: 1 };
    expect(kernelShares(span, steps)).toEqual([
      { shader: 'matmul', kernels: 2, share: 0.75 },
      { shader: 'norm', kernels: 1, share: 0.25 },
    ]);
    const idle = [kernel(0), kernel(0, 'copy')];
    expect(kernelShares(span, idle).map(({ share }) => share)).toEqual([0.5, 0.5]);
    expect(kernelShares(span, undefined)).toEqual([]);
  });

  test('CSV has a line for each span, times from the beginning of the step, and quotes what needs it', () => {
    const lanes = lanesOf(
      [traceOf(0, [work(0, 100, 104)])],
      () => [kernel(12)],
      () => 'a "card", shared',
    )!;
    expect(spansCsv(lanes).split('\r\n')).toEqual([
      'step,rank,card,pass,lane,peer,exchange,from,to,begun_ms,ended_ms,exposed,name,layer,phase,kernels,flops,bytes',
      '7,0,"a ""card"", shared",0,device,,,0,1,0,4,,matmul,blocks.0,forward,1,12,8',
      '',
    ]);
  });
});

describe("the demo's step on 2x2", () => {
  const device = {
    ...{ flopsPerSecond: 1e9, bytesPerSecond: 1e10, secondsPerDispatch: 1e-5, secondsPerExchange: 1e-4 },
  };
  const shape = { rows: 2, columns: 2, replicas: 1 };
  const plans: Plan[] = [0, 1, 2, 3].map(
    rank => trainingPlan(forecastJob(demo), 8, presets.demo.optimizer, { mesh: meshAt(shape, rank) }).plan,
  );
  const hashes = plans.map(hashOf);
  const stepsOf = (hash: string) => plans[hashes.indexOf(hash)]?.steps;
  const lanesOn = (isShared: boolean, latencySeconds: number): StepLanes => {
    const link = { latencySeconds, bytesPerSecond: 5e7 };
    const card = { ...device };
    const machines = plans.map(() => ({ device: isShared ? card : { ...device }, linkTo: () => link }));
    return lanesOf(simulate(plans, machines, hashes), stepsOf, isShared ? oneCard : undefined)!;
  };

  test('has a lane for every card, rank and link; all of a lane is the wall time', () => {
    const lanes = lanesOn(false, 1e-3);
    expect(lanes.cards).toHaveLength(4);
    expect(lanes.links.map(({ ranks }) => `${ranks}`)).toEqual(['0,1', '0,2', '0,3', '1,2', '1,3', '2,3']);
    for (const { spans, sums, pieces } of lanes.ranks) {
      const busy = coveredMs(spans.filter(({ lane }) => lane === 'device'));
      const exposed = coveredMs(spans.filter(span => span.exposed));
      expect(Math.abs(sums.work - busy)).toBeLessThan(1e-9 * busy);
      expect(Math.abs(sums.exchange - exposed)).toBeLessThan(1e-9 * exposed);
      expect(sums.card).toBe(0);
      expect(Math.abs(total(sums) - lanes.wallMs)).toBeLessThan(1e-9 * lanes.wallMs);
      pieces.slice(1).forEach((piece, i) => {
        expect(piece.begun).toBe(pieces[i].ended);
      });
    }
  });

  test('on one card the four compute no longer than the card is there', () => {
    const lanes = lanesOn(true, 1e-4);
    const [card] = lanes.cards;
    expect(lanes.cards).toHaveLength(1);
    const computing = lanes.ranks.reduce((sum, { sums }) => sum + sums.work, 0);
    expect(computing).toBeLessThanOrEqual(lanes.wallMs * (1 + 1e-9));
    expect(Math.abs(computing - card.busyMs)).toBeLessThan(1e-9 * card.busyMs);
    // What each did is what it would have done alone: the simulator shares the card as is estimated here.
    const alone = lanesOn(false, 1e-4).ranks.map(({ sums }) => sums.work);
    lanes.ranks.forEach(({ sums }, rank) => {
      expect(Math.abs(sums.work - alone[rank])).toBeLessThan(0.01 * alone[rank]);
    });
    expect(lanes.ranks[0].sums.card).toBeGreaterThan(lanes.ranks[0].sums.work);
  });

  test.each([
    ['a card of its own and a fast link', false, 1e-5, 'work'],
    ['a card of its own and a slow link', false, 2e-2, 'exchange'],
    ['one card for all', true, 1e-5, 'card'],
  ])('with %s, the strip adds up to the wall time and names the bound', (_, isShared, latency, bound) => {
    const lanes = lanesOn(isShared, latency);
    const strip = pathStrip(lanes);
    expect(Math.abs(total(strip.sums) - lanes.wallMs)).toBeLessThan(0.05 * lanes.wallMs);
    expect(strip.sums.rest).toBeLessThan(0.05 * lanes.wallMs);
    expect(strip.bound).toBe(bound);
    expect(strip.pieces[0].begun).toBe(0);
    strip.pieces.slice(1).forEach((piece, i) => {
      expect(piece.begun).toBe(strip.pieces[i].ended);
    });
  });
});
