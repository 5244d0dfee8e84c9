/**
 * The longest chain of steps that need each other's results, which no schedule can shorten: what a step reads was written
 * by the steps before it. Peers are taken to be as far as this rank is.
 */
import type { Placement, Plan, PlanStep, StartStep } from './plan.ts';
import { dispatchSeconds, type Rates } from './work.ts';

export interface CriticalPath {
  readonly seconds: number;
  /** The part of it in which blocks travel. */
  readonly exchangeSeconds: number;
  /** Its steps, by number, in order. */
  readonly steps: readonly number[];
  /** Of all kernels, one after the other: what one device takes at least. */
  readonly deviceSeconds: number;
}

interface Written extends Placement {
  readonly step: number;
}

/** What a step needs and leaves: places, and for a finish the start of its exchange. */
function accessOf(step: PlanStep): { reads: readonly Placement[]; writes: readonly Placement[] } {
  if (step.kind === 'start') return { reads: step.sends.map(({ at }) => at), writes: [] };
  if (step.kind === 'finish') {
    const { receives, keep } = step;
    const writes = [...receives.map(({ at }) => at), ...(keep ? [keep.to] : [])];
    return { reads: keep ? [keep.from] : [], writes };
  }
  const bound = step.operands.flatMap(operand => operand ?? []);
  return {
    reads: bound.filter(({ access }) => access !== 'write'),
    writes: bound.filter(({ access }) => access !== 'read'),
  };
}

const overlaps = (a: Placement, b: Placement) =>
  a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

/** Seconds from a start until its blocks are with the peers. */
export function travelSeconds({ sends }: StartStep, rates: Rates): number {
  if (sends.length === 0) return 0;
  const toPeers = new Map<number, number>();
  for (const { peer, at } of sends) toPeers.set(peer, (toPeers.get(peer) ?? 0) + at.bytes);
  return rates.linkLatencySeconds + Math.max(...toPeers.values()) / rates.linkBytesPerSecond;
}

export function criticalPath({ steps }: Pick<Plan, 'steps'>, rates: Rates): CriticalPath {
  /** By buffer, the newest writers of its ranges. */
  const writers = new Map<string, Written[]>();
  const starts = new Map<number, number>();
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  const travel: number[] = [];
  const lastOf = (candidates: readonly number[]) =>
    candidates.length > 0 ? candidates.reduce((a, b) => (ends[b] > ends[a] ? b : a)) : undefined;
  steps.forEach((step, index) => {
    const { reads, writes } = accessOf(step);
    const needed = reads.flatMap(at =>
      (writers.get(`${at.space} ${at.block}`) ?? [])
        .filter(other => overlaps(at, other))
        .map(written => written.step),
    );
    const start = step.kind === 'finish' ? starts.get(step.exchange) : undefined;
    if (step.kind === 'start') starts.set(step.exchange, index);
    before[index] = lastOf(start === undefined ? needed : [...needed, start]);
    travel[index] = step.kind === 'start' ? travelSeconds(step, rates) : 0;
    const own = step.kind === 'dispatch' ? dispatchSeconds(step, rates) : travel[index];
    ends[index] = (before[index] === undefined ? 0 : ends[before[index]]) + own;
    for (const at of writes) {
      const key = `${at.space} ${at.block}`;
      const others = (writers.get(key) ?? []).filter(other => !within(other, at));
      writers.set(key, [...others, { ...at, step: index }]);
    }
  });
  const path: number[] = [];
  for (let at = lastOf([...steps.keys()]); at !== undefined; at = before[at]) path.unshift(at);
  return {
    seconds: Math.max(0, ...ends),
    exchangeSeconds: path.reduce((sum, index) => sum + travel[index], 0),
    steps: path,
    deviceSeconds: steps.reduce(
      (sum, step) => sum + (step.kind === 'dispatch' ? dispatchSeconds(step, rates) : 0),
      0,
    ),
  };
}

/** Whether nothing of `inner` is left when `outer` is written. */
const within = (inner: Placement, outer: Placement) =>
  outer.offset <= inner.offset && inner.offset + inner.bytes <= outer.offset + outer.bytes;
