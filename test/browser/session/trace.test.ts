/** Sampled steps of a session: the event, the Chrome trace that is made of it, and that its parts add up to the step. */
import { afterEach, expect, test } from 'vitest';
import type { PlanStep } from '../../../src/plan/plan.ts';
import { coveredMs, type StepTrace } from '../../../src/plan/trace.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { type ChromeTrace, chromeTrace, type Slice } from '../../../src/show/chrome-trace.ts';
import { forgetRuns, type TestSession, testSession } from './helpers.ts';
import { closeAll, connect, ranks } from './mesh-helpers.ts';

afterEach(() => forgetRuns());

const tiny: RunConfig = {
  data: { kind: 'embedded', days: 30, seed: 1 },
  preset: 'tiny',
  steps: 100_000,
  seed: 3,
  checkpointSeconds: 1e9,
};

/** Trains until so many steps were sampled. */
async function sampled({ session, until, events }: TestSession, config: RunConfig, count: number) {
  await session.prepare(config);
  const training = session.train();
  const samples = () => events.flatMap(event => (event.type === 'trace' ? [event] : []));
  await until('trace', () => samples().length >= count);
  await session.pause();
  await training;
  return samples();
}

/** The steps of all plans of a run, by their hash. */
async function plansOf({ session }: TestSession, count: number): Promise<Map<string, readonly PlanStep[]>> {
  const plans = await Promise.all(Array.from({ length: count }, (_, rank) => session.plan(rank)));
  return new Map(plans.flat().map(({ hash, steps }) => [hash, steps]));
}

const slicesOf = ({ traceEvents }: ChromeTrace, pid: number, cat: Slice['cat']) =>
  traceEvents.filter((event): event is Slice => event.ph === 'X' && event.pid === pid && event.cat === cat);

/** Of a rank's part of a step: what its device, its data and its exposed exchanges take, as a share of the whole. */
function share({ spans }: StepTrace): number {
  const taken = spans.filter(({ lane, exposed }) => lane !== 'link' || exposed);
  const wall = Math.max(...spans.map(({ ended }) => ended)) - Math.min(...spans.map(({ begun }) => begun));
  return coveredMs(taken) / wall;
}

test('in one piece: kernels by name and shape, with their rates, which add up to the step', async () => {
  const own = await testSession();
  const events = await sampled(own, { ...tiny, trace: 'kernel' }, 2);
  const plans = await plansOf(own, 1);
  for (const { origin, traces } of events) {
    expect(traces.map(({ rank }) => rank)).toEqual([0]);
    expect(plans.has(traces[0].plan)).toBe(true);
    expect(Math.abs(origin - Date.now())).toBeLessThan(600_000);
  }
  // At most one a second.
  const begun = events.map(({ traces }) => Math.min(...traces[0].spans.map(span => span.begun)));
  begun.slice(1).forEach((time, i) => {
    expect(time - begun[i]).toBeGreaterThan(900);
  });
  const traces = events.flatMap(event => event.traces);
  const file = chromeTrace(traces, hash => plans.get(hash));
  const kernels = slicesOf(file, 0, 'device').filter(({ args }) => args.step === traces[0].step);
  const steps = plans.get(traces[0].plan)!.filter(step => step.kind === 'dispatch');
  expect(kernels.map(({ name }) => name)).toEqual(steps.map(({ shader }) => shader));
  expect(kernels.map(({ args }) => args.flops)).toEqual(steps.map(({ work }) => work.flops));
  const product = kernels.find(({ name, dur }) => name.startsWith('matmul') && dur > 0)!;
  expect(product.args).toMatchObject({ op: 'matmul', shape: expect.stringMatching(/^\d+( x \d+)+$/) });
  expect(Number(product.args['GFLOP/s'])).toBeGreaterThan(0);
  expect(slicesOf(file, 0, 'layer').map(({ name }) => name)).toContain('forward blocks.0.tokens');
  expect(slicesOf(file, 0, 'step').length).toBe(traces.length);
  expect(Math.max(...traces.map(share))).toBeGreaterThan(0.95);
  await own.session.close();
});

test('on 1x2: a lane for each rank and link on one clock, exchanges with their bytes', async () => {
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  const mesh = { rows: 1, columns: 2, replicas: 1 };
  const events = await sampled(own, { ...tiny, mesh, trace: 'layer' }, 2);
  const plans = await plansOf(own, 2);
  expect(plans.size).toBe(2);
  for (const { traces } of events) {
    expect(traces.map(({ rank }) => rank)).toEqual([0, 1]);
    expect(new Set(traces.map(({ step }) => step)).size).toBe(1);
    expect(traces.every(({ plan }) => plans.has(plan))).toBe(true);
    // What one rank is sure of the other's clock for; here both are the same.
    const [first, second] = traces.map(({ spans }) => Math.max(...spans.map(({ ended }) => ended)));
    const step = first - Math.min(...traces[0].spans.map(({ begun }) => begun));
    expect(Math.abs(second - first)).toBeLessThan(step + (traces[1].uncertainty ?? 0));
  }
  const file = chromeTrace(
    events.flatMap(({ traces }) => traces),
    hash => plans.get(hash),
  );
  for (const rank of [0, 1]) {
    const links = slicesOf(file, rank, 'link');
    expect(links.length).toBeGreaterThan(10);
    expect(links.every(({ args }) => Number(args.bytesSent) > 0)).toBe(true);
    expect(links.some(({ args }) => args.exposed === 'true')).toBe(true);
    const names = file.traceEvents.flatMap(({ ph, pid, args }) =>
      ph === 'M' && pid === rank ? [args.name] : [],
    );
    expect(names).toContain(`rank ${rank}`);
    expect(names).toContain(`link to rank ${1 - rank}`);
  }
  expect(Math.max(...events.flatMap(({ traces }) => traces).map(share))).toBeGreaterThan(0.95);
  await closeAll(own, others);
});
