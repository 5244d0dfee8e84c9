/** When the gradients of replicas are summed: what the plan says, and what comes of it on a machine described by rates. */
import { expect, test } from 'vitest';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { coveredMs } from '../../../src/plan/trace.ts';
import { type SimulatedDevice, simulate } from '../../../src/simulate/simulate.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { momentum } from '../../../src/train/optimizer-options.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { imageJob } from '../../reference/jobs.ts';

await loadAllKinds();

const plansOf = (replicas: number, batch: number): Plan[] =>
  Array.from({ length: replicas }, (_, rank) => {
    const mesh = meshAt({ rows: 1, columns: 1, replicas }, rank);
    return trainingPlan(imageJob(18), batch, momentum, { mesh, overlap: typicalMachine }).plan;
  });

test.each([2, 4])('gradients of %i replicas set out, and are waited for, the last layers first', replicas => {
  const [{ steps }] = plansOf(replicas, 1);
  /** First hops: of more than two replicas every second exchange hands the sums round. */
  const isFirst = (exchange: number) => replicas === 2 || exchange % 2 === 0;
  const starts = steps.flatMap(step =>
    step.kind === 'start' && step.group === 'replica' && isFirst(step.exchange) ? [step] : [],
  );
  expect(starts.length).toBeGreaterThan(12);
  // Layers lie in the flat array from the first to the last, and behind them vectors, which are ready last.
  const offsets = starts.slice(0, -1).map(({ sends }) => sends[0].at.offset);
  expect(offsets).toEqual([...offsets].sort((a, b) => b - a));
  const waited = steps.flatMap(step =>
    step.kind === 'finish' && step.group === 'replica' && isFirst(step.exchange) ? [step.exchange] : [],
  );
  expect(waited).toEqual(starts.map(({ exchange }) => exchange));
});

/** Two cores that compute as SwiftShader does: see docs/performance.md. */
const device: SimulatedDevice = {
  flopsPerSecond: 3.2e9,
  bytesPerSecond: 0.52e9,
  secondsPerDispatch: 48e-6,
  secondsPerExchange: 0.8e-3,
};
const link = { latencySeconds: 0.5e-3, bytesPerSecond: 60e6 };

test.each([1, 4])('with %i samples a replica at least 80 % of the sums is hidden at 60 MB/s', batch => {
  const machines = [0, 1].map(() => ({ device, linkTo: () => link }));
  const traces = simulate(plansOf(2, batch), machines, ['rank 0', 'rank 1']);
  for (const { spans } of traces) {
    const links = spans.filter(({ lane }) => lane === 'link');
    const exposed = coveredMs(links.filter(span => span.exposed));
    const travelling = coveredMs(links.filter(span => !span.exposed));
    // 44.7 MB.
    expect(travelling).toBeGreaterThan(700);
    expect(1 - exposed / travelling).toBeGreaterThan(0.8);
  }
});
