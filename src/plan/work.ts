/**
 * What a plan says of itself, added up: operations, bytes and exchanges by layer, and how long they must take on a
 * machine of given rates. Readings only: nothing here decides what runs.
 */
import type { Work } from '../graph/op.ts';
import type { Provenance } from '../graph/provenance.ts';
import { type DispatchStep, isDispatch, type Placement, type Plan, type PlanStep } from './plan.ts';

export interface Totals {
  readonly dispatches: number;
  readonly flops: number;
  /** Bytes between kernels and memory. */
  readonly read: number;
  readonly written: number;
  /** Bytes that exchanges send to and receive from peers. */
  readonly sent: number;
  readonly received: number;
}

const nothing: Totals = { dispatches: 0, flops: 0, read: 0, written: 0, sent: 0, received: 0 };

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    dispatches: a.dispatches + b.dispatches,
    flops: a.flops + b.flops,
    read: a.read + b.read,
    written: a.written + b.written,
    sent: a.sent + b.sent,
    received: a.received + b.received,
  };
}

function totalsOf(step: PlanStep): Totals {
  const bytes = (parcels: readonly { readonly at: Placement }[]) =>
    parcels.reduce((sum, { at }) => sum + at.bytes, 0);
  if (step.kind === 'start') return { ...nothing, sent: bytes(step.sends) };
  if (step.kind === 'finish') return { ...nothing, received: bytes(step.receives) };
  const { flops, read, written } = step.work;
  return { ...nothing, dispatches: 1, flops, read, written };
}

/** Of all steps, or of those of `kernel`. */
export function workOf({ steps }: Pick<Plan, 'steps'>, kernel?: Work['kernel']): Totals {
  const counted = kernel === undefined ? steps : steps.filter(isDispatch).filter(isOf(kernel));
  return counted.map(totalsOf).reduce(addTotals, nothing);
}

const isOf = (kernel: Work['kernel']) => (step: DispatchStep) => step.work.kernel === kernel;

export interface LayerWork extends Totals {
  readonly layer: string;
  readonly phase: Provenance['phase'];
  readonly seconds: number;
}

const phases: readonly Provenance['phase'][] = ['forward', 'recompute', 'backward', 'reduce', 'update'];

/** By phase and layer, in the order in which a step comes to them. */
export function workByLayer({ steps }: Pick<Plan, 'steps'>, rates: Rates): LayerWork[] {
  const rows = new Map<string, LayerWork>();
  for (const step of steps) {
    const { layer, phase } = step.provenance;
    const key = `${phase} ${layer}`;
    const before = rows.get(key) ?? { ...nothing, layer, phase, seconds: 0 };
    const seconds = before.seconds + (isDispatch(step) ? dispatchSeconds(step, rates) : 0);
    rows.set(key, { layer, phase, ...addTotals(before, totalsOf(step)), seconds });
  }
  const order = ({ phase }: LayerWork) => phases.indexOf(phase);
  return [...rows.values()].sort((a, b) => order(a) - order(b));
}

/** What a machine does a second, and what it takes to begin. */
export interface Rates {
  readonly flopsPerSecond: number;
  /** Between kernels and memory. */
  readonly bytesPerSecond: number;
  readonly secondsPerDispatch: number;
  /** Of a link to a peer. */
  readonly linkBytesPerSecond: number;
  readonly linkLatencySeconds: number;
}

/** Seconds that work takes at least: as long as its operations, or as its bytes. */
export function roofline(
  { flops, read, written }: Pick<Work, 'flops' | 'read' | 'written'>,
  { flopsPerSecond, bytesPerSecond }: Pick<Rates, 'flopsPerSecond' | 'bytesPerSecond'>,
): number {
  return Math.max(flops / flopsPerSecond, (read + written) / bytesPerSecond);
}

/** Seconds of one kernel on its own. */
export function dispatchSeconds({ work }: DispatchStep, rates: Rates): number {
  return rates.secondsPerDispatch + roofline(work, rates);
}
