/**
 * Traces of sampled steps in the format of Chrome's tracing (JSON), which Perfetto opens: a process for every rank, with
 * lanes for its steps, its device, its data and its links.
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
import type { PlanStep } from '../plan/plan.ts';
import type { Span, StepTrace } from '../plan/trace.ts';
import { spanFacts } from './spans.ts';

/** A slice of a lane, in microseconds. */
export interface Slice {
  readonly ph: 'X';
  readonly name: string;
  readonly cat: 'step' | 'layer' | Span['lane'];
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, string | number | boolean>>;
}

/** What a process or lane is called, and its place. */
interface Name {
  readonly ph: 'M';
  readonly name: 'process_name' | 'thread_name' | 'thread_sort_index';
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
}

export interface ChromeTrace {
  readonly traceEvents: readonly (Slice | Name)[];
  readonly displayTimeUnit: 'ms';
}

/** Lanes of a rank; links follow, by peer. */
const lanes = { steps: 0, device: 1, data: 2 } as const;
const laneOf = ({ lane, peer = 0 }: Span) => (lane === 'link' ? 3 + peer : lanes[lane]);

/** @param stepsOf those of the plan with a hash; undefined where it is not known */
export function chromeTrace(
  traces: readonly StepTrace[],
  stepsOf: (plan: string) => readonly PlanStep[] | undefined,
): ChromeTrace {
  const events = traces.flatMap(trace => eventsOf(trace, stepsOf(trace.plan)));
  return { traceEvents: [...namesOf(traces), ...events], displayTimeUnit: 'ms' };
}

function namesOf(traces: readonly StepTrace[]): Name[] {
  return [...new Set(traces.map(({ rank }) => rank))].flatMap(rank => {
    const spans = traces.filter(trace => trace.rank === rank).flatMap(trace => trace.spans);
    const peers = [...new Set(spans.flatMap(({ peer }) => peer ?? []))].sort((a, b) => a - b);
    const named: [string, number][] = [
      ...Object.entries(lanes),
      ...peers.map((peer): [string, number] => [`link to rank ${peer}`, 3 + peer]),
    ];
    const process = {
      ph: 'M',
      name: 'process_name',
      pid: rank,
      tid: 0,
      args: { name: `rank ${rank}` },
    } as const;
    const threads = named.flatMap(([name, tid]): Name[] => [
      { ph: 'M', name: 'thread_name', pid: rank, tid, args: { name } },
      { ph: 'M', name: 'thread_sort_index', pid: rank, tid, args: { sort_index: tid } },
    ]);
    return [process, ...threads];
  });
}

function eventsOf(trace: StepTrace, steps: readonly PlanStep[] | undefined): Slice[] {
  const { rank: pid, step, spans, resolution, uncertainty = 0 } = trace;
  if (spans.length === 0) return [];
  const slice = (
    name: string,
    cat: Slice['cat'],
    tid: number,
    begun: number,
    ended: number,
    args: Slice['args'],
  ): Slice => ({ ph: 'X', name, cat, pid, tid, ts: 1000 * begun, dur: 1000 * (ended - begun), args });
  const begun = Math.min(...spans.map(span => span.begun));
  const ended = Math.max(...spans.map(span => span.ended));
  const whole = slice(`step ${step}`, 'step', lanes.steps, begun, ended, {
    plan: trace.plan,
    resolutionMs: resolution,
    uncertaintyMs: uncertainty,
  });
  // A layer's kernels lie within a slice of the layer.
  const layers: { within: string; begun: number; ended: number }[] = [];
  const parts = spans.map(span => {
    const { name, within, facts } = spanFacts(span, steps);
    if (span.lane === 'device' && within !== '') {
      const last = layers.at(-1);
      if (last?.within === within && span.begun >= last.begun) last.ended = Math.max(last.ended, span.ended);
      else layers.push({ within, begun: span.begun, ended: span.ended });
    }
    return slice(name, span.lane, laneOf(span), span.begun, span.ended, { step, ...facts });
  });
  const around = layers
    .filter(({ within }) => parts.some(part => part.cat === 'device' && part.name !== within))
    .map(({ within, ...layer }) => slice(within, 'layer', lanes.device, layer.begun, layer.ended, { step }));
  return [whole, ...around, ...parts];
}
