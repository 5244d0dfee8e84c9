/** A step of a real run on 2x2, whose ranks share one card, as lanes and as a strip: their numbers against the trace. */
import { afterEach, expect, test } from 'vitest';
import { coveredMs, type StepTrace } from '../../../src/plan/trace.ts';
import { lanesOf } from '../../../src/show/lanes.ts';
import { pathStrip } from '../../../src/show/path-strip.ts';
import { pieceKinds, type TimeSums } from '../../../src/show/pieces.ts';
import { forgetRuns, smallRun, testSession } from './helpers.ts';
import { closeAll, connect, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

const total = (sums: TimeSums) => pieceKinds.reduce((sum, kind) => sum + sums[kind], 0);
const wallOf = (traces: readonly StepTrace[]) => {
  const spans = traces.flatMap(trace => trace.spans);
  return Math.max(...spans.map(({ ended }) => ended)) - Math.min(...spans.map(({ begun }) => begun));
};

test('four ranks on one card: what they compute is at most one card, and the strip is the wall time', async () => {
  const own = await testSession();
  const others = ranks(3);
  await connect(own.session, others);
  const mesh = { rows: 2, columns: 2, replicas: 1 };
  await own.session.prepare({ ...smallRun, steps: 100_000, mesh, trace: 'layer' });
  const training = own.session.train();
  const samples = () => own.events.flatMap(event => (event.type === 'trace' ? [event.traces] : []));
  await own.until('trace', () => samples().length >= 2);
  await own.session.pause();
  await training;
  const plans = await Promise.all([0, 1, 2, 3].map(rank => own.session.plan(rank)));
  const stepsBy = new Map(plans.flat().map(({ hash, steps }) => [hash, steps]));
  for (const traces of samples()) {
    const lanes = lanesOf(
      traces,
      hash => stepsBy.get(hash),
      () => 'card',
    )!;
    const wallMs = wallOf(traces);
    expect(lanes.wallMs).toBeCloseTo(wallMs, 6);
    expect(lanes.cards.map(card => card.ranks)).toEqual([[0, 1, 2, 3]]);
    expect(lanes.ranks.map(({ rank }) => rank)).toEqual([0, 1, 2, 3]);
    const linked = new Set(
      traces.flatMap(({ rank, spans }) =>
        spans.flatMap(({ peer }) => (peer === undefined ? [] : `${[rank, peer].sort((a, b) => a - b)}`)),
      ),
    );
    expect(new Set(lanes.links.map(({ ranks }) => `${ranks}`))).toEqual(linked);
    const computing = lanes.ranks.reduce((sum, { sums }) => sum + sums.work, 0);
    expect(computing).toBeLessThanOrEqual(wallMs * (1 + 1e-9));
    lanes.ranks.forEach(({ sums }, rank) => {
      const device = coveredMs(traces[rank].spans.filter(({ lane }) => lane === 'device'));
      const exposed = coveredMs(traces[rank].spans.filter(span => span.exposed));
      expect(sums.work + sums.card).toBeGreaterThanOrEqual(device * (1 - 1e-9));
      expect(sums.work).toBeLessThanOrEqual(device * (1 + 1e-9));
      expect(sums.exchange).toBeLessThanOrEqual(exposed * (1 + 1e-9));
      expect(Math.abs(total(sums) - wallMs)).toBeLessThan(1e-6 * wallMs);
    });
    const strip = pathStrip(lanes);
    expect(Math.abs(total(strip.sums) - wallMs)).toBeLessThan(0.05 * wallMs);
  }
  await closeAll(own, others);
});
