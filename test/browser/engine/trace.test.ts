/**
 * What sampled steps leave behind: every kernel of the plan in one span of the device, exchanges on their links, all on
 * one clock; by the device's timestamps and, without them, by its submissions. Sampling changes no loss.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { Gpu } from '../../../src/gpu/device.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { Links } from '../../../src/parallel/links.ts';
import { hashOf } from '../../../src/plan/hash.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { Span, StepTrace, TraceDetail } from '../../../src/plan/trace.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { randomValues } from '../check.ts';
import { testGpu } from '../gpu.ts';
import { batchOf, model, options, weighEvenly } from './small-run.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Traces of a trainer, in order, and a promise of the next. */
function tracesOf(trainer: Trainer, detail: TraceDetail, everyMs: number | undefined) {
  const traces: StepTrace[] = [];
  let heard: () => void = () => {};
  let asked = performance.now();
  trainer.traceWith({
    detail,
    everyMs,
    batchTaken: () => ({ asked, taken: asked + 0.5 }),
    stamp: () => ({ rank: 0, toRun: ms => ms }),
    onTraces: more => {
      traces.push(...more);
      heard();
    },
  });
  return {
    traces,
    ask: () => {
      asked = performance.now();
    },
    until: (count: number) =>
      new Promise<void>(resolve => {
        heard = () => {
          if (traces.length >= count) resolve();
        };
        heard();
      }),
  };
}

/** Steps of the plan that are on the device, by the spans; each must be there once. */
const covered = (spans: readonly Span[]) =>
  spans
    .filter(({ lane }) => lane === 'device')
    .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))
    .sort((a, b) => a - b);

const dispatchesOf = ({ steps }: Plan) => steps.flatMap((step, i) => (step.kind === 'dispatch' ? [i] : []));

interface Device {
  readonly name: string;
  readonly gpu: Gpu;
  readonly pipelines: PipelineCache;
}

/** With and without the device's own clock, where it has one. */
const devices = testGpu().then(async ({ gpu, pipelines }): Promise<Device[]> => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const plain = { ...gpu, device, features: new Set(device.features) };
  return [
    ...(gpu.features.has('timestamp-query') ? [{ name: 'timestamps', gpu, pipelines }] : []),
    { name: 'submissions', gpu: plain, pipelines: new PipelineCache(device) },
  ];
});

describe.each<TraceDetail>(['step', 'layer', 'kernel'])('a step in one piece, by %s', detail => {
  test('has every kernel in one span, in order, and the same loss', async () => {
    for (const { name, gpu, pipelines } of await devices) {
      const [plain, traced] = [
        await Trainer.create(gpu, pipelines, { ...options, accumulate: 2 }),
        await Trainer.create(gpu, pipelines, { ...options, accumulate: 2 }),
      ];
      closing.push(
        () => plain.destroy(),
        () => traced.destroy(),
      );
      const { traces, ask, until } = tracesOf(traced, detail, 0);
      for (const trainer of [plain, traced]) {
        weighEvenly(trainer);
        for (let step = 1; step <= 3; step++) {
          ask();
          await trainer.trainStep(batchOf(step), 1e-3, 1);
          // The first step asks for a sample, the second is one: a trace for each of its passes.
          if (trainer === traced && step > 1) await until(2 * (step - 1));
        }
      }
      expect(await traced.losses.read(), name).toEqual(await plain.losses.read());
      expect(
        traces.map(({ step }) => step),
        name,
      ).toEqual([2, 2, 3, 3]);
      for (const trace of traces) {
        const plan = [traced.plan, traced.earlierPlan!].find(each => hashOf(each) === trace.plan)!;
        expect(covered(trace.spans), name).toEqual(dispatchesOf(plan));
        const device = trace.spans.filter(({ lane }) => lane === 'device');
        device.slice(1).forEach(({ begun }, i) => {
          expect(begun, name).toBeGreaterThanOrEqual(device[i].ended - trace.resolution - 1e-9);
        });
        if (detail === 'step') expect(device.length).toBe(1);
        if (detail === 'kernel') expect(device.length).toBe(dispatchesOf(plan).length);
        expect(trace.resolution).toBeGreaterThan(0);
        expect(trace.spans.every(({ begun, ended }) => ended >= begun)).toBe(true);
      }
      expect(traces.some(({ spans }) => spans.some(({ lane }) => lane === 'data'))).toBe(true);
    }
  });
});

test('on 1x2 both ranks sample the same steps, and exchanges are on their links', async () => {
  const { gpu, pipelines } = await testGpu();
  const { port1, port2 } = new MessageChannel();
  const links = [port1, port2].map(
    (port, rank) => new Links({ rank, ports: new Map([[1 - rank, port]]), generation: 1 }),
  );
  closing.push(() => {
    for (const each of links) each.close();
  });
  const trainers = await Promise.all(
    links.map((own, rank) => {
      own.begin(7);
      const mesh = meshAt({ rows: 1, columns: 2, replicas: 1 }, rank);
      return Trainer.create(
        gpu,
        pipelines,
        { ...options, ...forecastJob({ ...model, channels: 4 }), mesh },
        own,
      );
    }),
  );
  closing.push(() => {
    for (const trainer of trainers) trainer.destroy();
  });
  const heard = trainers.map((trainer, rank) => tracesOf(trainer, 'layer', rank === 0 ? 0 : undefined));
  for (let step = 1; step <= 3; step++) {
    const batch = {
      input: randomValues(2 * 2 * 24 + 2 * 24, step),
      target: randomValues(2 * 2 * 24, step + 9),
    };
    await Promise.all(
      trainers.map(trainer => {
        const { bytes } = trainer.plan.inputs.get('input')!;
        return trainer.trainStep({ ...batch, input: batch.input.subarray(0, bytes / 4) }, 1e-3, 1);
      }),
    );
    if (step > 1) await Promise.all(heard.map(({ until }) => until(step - 1)));
  }
  heard.forEach(({ traces }, rank) => {
    expect(traces.map(({ step }) => step)).toEqual([2, 3]);
    const { plan } = trainers[rank];
    for (const { plan: hash, spans } of traces) {
      expect(hash).toBe(hashOf(plan));
      expect(covered(spans)).toEqual(dispatchesOf(plan));
      const link = spans.filter(({ lane }) => lane === 'link');
      expect(link.length).toBeGreaterThan(5);
      for (const { peer, from, to } of link) {
        expect(peer).toBe(1 - rank);
        expect([plan.steps[from].kind, plan.steps[to - 1].kind]).toEqual(['start', 'finish']);
      }
      // On one device and thread something is always waited for.
      expect(link.some(({ exposed }) => exposed)).toBe(true);
    }
  });
});
