/** What a span of a trace was, in words and numbers, read off the plan that it counts the steps of. */
import type { PlanStep } from '../plan/plan.ts';
import type { Span } from '../plan/trace.ts';
import { workOf } from '../plan/work.ts';

export interface SpanFacts {
  readonly name: string;
  /** Of the layer and phase that it lies in; empty for data. */
  readonly within: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** @param steps of the span's plan; absent where it is not known */
export function spanFacts(span: Span, steps: readonly PlanStep[] | undefined): SpanFacts {
  if (span.lane === 'data') return { name: 'batch', within: '', facts: {} };
  const own = steps?.slice(span.from, span.to) ?? [];
  const [first] = own;
  if (!first) return { name: `steps ${span.from} to ${span.to - 1}`, within: '', facts: {} };
  const { layer, phase, op, shape } = first.provenance;
  const within = `${phase} ${layer}`.trim();
  if (span.lane === 'link') {
    const sends = first.kind === 'start' ? first.sends.filter(({ peer }) => peer === span.peer) : [];
    const bytes = sends.reduce((sum, { at }) => sum + at.bytes, 0);
    const group = first.kind === 'start' ? first.group : '';
    const when = span.exposed ? 'exposed' : 'hidden';
    return {
      name: `${op} ${when}`,
      within,
      facts: { layer, phase, group, bytesSent: bytes, exposed: String(span.exposed ?? false) },
    };
  }
  const { dispatches, flops, read, written } = workOf({ steps: own });
  const seconds = (span.ended - span.begun) / 1000;
  const rates: Record<string, number> = {};
  if (seconds > 0) {
    rates['GFLOP/s'] = round(flops / seconds / 1e9);
    rates['GB/s'] = round((read + written) / seconds / 1e9);
  }
  const common = { layer, phase, flops, bytesRead: read, bytesWritten: written, ...rates };
  if (first.kind === 'dispatch' && dispatches === 1) {
    return { name: first.shader, within, facts: { op, shape: shape.join(' x '), ...common } };
  }
  // Passes that hold all between two exchanges have several layers.
  const layers = new Set(own.map(({ provenance }) => `${provenance.phase} ${provenance.layer}`));
  const name = layers.size === 1 ? within : `${within} and ${layers.size - 1} more`;
  return { name, within: name, facts: { kernels: dispatches, ...common } };
}

const round = (value: number) => Number(value.toPrecision(3));
