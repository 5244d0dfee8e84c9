/** Batches that are read while the step before is under way, and then brought to the device: what a step waits for them. */
import type { Span, StepTrace } from '../plan/trace.ts';

export interface DataRates {
  /** From one batch to the next, where nothing but reading holds it up. */
  readonly secondsPerBatch: number;
  /** From main memory to the device, which meanwhile waits. */
  readonly uploadSeconds: number;
}

/** Milliseconds until all are done. */
export function stepMs(traces: readonly StepTrace[]): number {
  return traces.reduce(
    (latest, { spans }) => spans.reduce((end, { ended }) => Math.max(end, ended), latest),
    0,
  );
}

/**
 * A step in the middle of a run: it begins when the batch is there, and all ranks wait for the slowest.
 *
 * @param traces of a step that begins at 0
 */
export function withData(
  traces: readonly StepTrace[],
  { secondsPerBatch, uploadSeconds }: DataRates,
): StepTrace[] {
  const upload = 1000 * uploadSeconds;
  const wait = Math.max(0, 1000 * secondsPerBatch - stepMs(traces) - upload);
  const shift = wait + upload;
  if (shift === 0) return [...traces];
  const span = (begun: number, ended: number): Span[] =>
    ended > begun ? [{ lane: 'data', from: 0, to: 0, begun, ended }] : [];
  return traces.map(trace => ({
    ...trace,
    spans: [
      ...span(0, wait),
      ...span(wait, shift),
      ...trace.spans.map(each => ({ ...each, begun: each.begun + shift, ended: each.ended + shift })),
    ],
  }));
}
