/**
 * What the meter itself takes: of reports and traces as a run sends them, four reports a second and a trace a second of every
 * rank, the time of hearing them, and of working out what is shown of them, as a share of the run's time.
 */
import { machinesOf } from '../src/energy/machines.ts';
import { usualSettings } from '../src/energy/settings.ts';
import type { Span } from '../src/plan/trace.ts';
import type { RunEvent } from '../src/session/api/api.ts';
import { energySummary } from '../src/show/energy-summary.ts';
import { RunMeter } from '../src/show/run-meter.ts';

const REPORTS_A_SECOND = 4;
const STEPS_A_REPORT = 5;
/** As of the demo on 2x2. */
const SPANS = 400;
const SECONDS = 2000;

const work = { flops: 4e8, bytes: 1e8, dispatches: 180 };

function secondsOf(
  ranks: number,
  hosts: number,
): readonly { readonly what: string; readonly ms: number; readonly share: number }[] {
  const places = Array.from({ length: ranks }, (_, rank) => ({
    rank,
    host: `host ${rank % hosts}`,
    clues: { vendor: 'nvidia', architecture: 'ampere' },
  }));
  const machines = machinesOf(places, usualSettings);
  let now = 0;
  const meter = new RunMeter({ machines, work: places.map(() => work), batch: 16 }, () => now);
  const spans = Array.from(
    { length: SPANS },
    (_, i): Span => ({ lane: 'device', from: i, to: i + 1, begun: i, ended: i + 0.8 }),
  );
  const traces: RunEvent = {
    type: 'trace',
    origin: 0,
    traces: places.map(({ rank }) => ({ plan: '', rank, step: 1, resolution: 0.1, spans })),
  };
  const took = { report: 0, trace: 0, summary: 0 };
  const timed = (what: keyof typeof took, does: () => void) => {
    const begun = performance.now();
    does();
    took[what] += performance.now() - begun;
  };
  meter.hear({ type: 'status', status: 'running' });
  for (let report = 1; report <= SECONDS * REPORTS_A_SECOND; report++) {
    now += 1000 / REPORTS_A_SECOND;
    if (report % REPORTS_A_SECOND === 0) timed('trace', () => meter.hear(traces));
    timed('report', () =>
      meter.hear({
        type: 'metrics',
        step: report * STEPS_A_REPORT,
        losses: Array.from({ length: STEPS_A_REPORT }, () => 1),
        learningRates: [],
        gradientNorms: [],
        seconds: 0.9 / REPORTS_A_SECOND,
        samplesPerSecond: 320,
        dataMs: 0,
        secondsLeft: 1,
        gpuBusySeconds: (0.8 * report) / REPORTS_A_SECOND,
      }),
    );
    timed('summary', () => energySummary(meter.now, machines, usualSettings, work, report * STEPS_A_REPORT));
  }
  const reports = SECONDS * REPORTS_A_SECOND;
  return [
    { what: 'a report of steps', ms: took.report / reports, share: took.report / (1000 * SECONDS) },
    {
      what: `traces of ${SPANS} spans, a rank each`,
      ms: took.trace / SECONDS,
      share: took.trace / (1000 * SECONDS),
    },
    { what: 'what is shown of a report', ms: took.summary / reports, share: took.summary / (1000 * SECONDS) },
  ];
}

export function main(): void {
  // Compiled by then.
  secondsOf(1, 1);
  for (const [ranks, hosts] of [
    [1, 1],
    [4, 1],
    [4, 4],
    [16, 16],
  ]) {
    const parts = secondsOf(ranks, hosts);
    console.log(`\nranks: ${ranks}, machines: ${hosts}; ms each, share of the run's time`);
    for (const { what, ms, share } of parts)
      console.log(
        `${what.padEnd(40)}${ms.toFixed(4).padStart(9)}${`${(100 * share).toFixed(3)} %`.padStart(12)}`,
      );
    const all = parts.reduce((sum, { share }) => sum + share, 0);
    console.log(`${'together'.padEnd(49)}${`${(100 * all).toFixed(3)} %`.padStart(12)}`);
  }
}
