/**
 * Sums of gradients over the ranks that hold copies of a parameter, as steps of the plan. Biases and norm scales are
 * summed over the ranks of a column (or row) in one message; with replicas, everything is summed over them in buckets
 * that set out as soon as the last gradient in them is ready, and are waited for in that order: a model's last layers first.
 *
 * All holders must end with the same sum, to the last bit, or their parameters drift apart. So everyone adds in the
 * order of members, and where the wire rounds, everyone adds what was sent (`alike`); vectors are never rounded within
 * an instance (`exact`), for they are small.
 */

import { input, output } from '../graph/op.ts';
import { sumKernel } from '../graph/ops/reduce.ts';
import type { Provenance } from '../graph/provenance.ts';
import { type GroupKind, groupOf, type Mesh } from '../mesh/mesh.ts';
import { aligned } from '../plan/align.ts';
import type { ParameterLayout } from '../plan/layout.ts';
import {
  type Buffer,
  type Parcel,
  type Placement,
  type Plan,
  type PlanStep,
  planStep,
} from '../plan/plan.ts';

/** Floats of the flat arrays. */
interface Range {
  readonly offset: number;
  readonly size: number;
}

/** A bucket holds at least this much, so that latency does not dominate, and sets out while others are computed. */
const BUCKET_FLOATS = 64 * 1024;

/** The parameters by who holds copies of them within an instance: nobody, the ranks of a column, or those of a row. */
export function copyRanges(layout: ParameterLayout): { copies: 'none' | 'column' | 'row'; range: Range }[] {
  const kinds = ['none', 'column', 'row'] as const;
  return kinds.flatMap(copies => {
    const groups = layout.groups.filter(group => (group.copies ?? 'none') === copies);
    if (groups.length === 0) return [];
    const offset = groups[0].offset;
    const last = groups[groups.length - 1];
    return [{ copies, range: { offset, size: last.offset + last.size - offset } }];
  });
}

export function withReductions(plan: Plan, layout: ParameterLayout, mesh: Mesh): Plan {
  const { rank } = mesh.place;
  const receiving: Buffer[] = [];
  let exchanges = plan.exchanges;
  const gradients = ({ offset, size }: Range): Placement => ({
    space: 'gradients',
    block: 0,
    offset: 4 * offset,
    bytes: 4 * size,
  });

  const aboutSum = (range: Range, label: string) => {
    const provenance: Provenance = {
      layer: 'gradients',
      phase: 'reduce',
      op: 'allReduce',
      shape: [range.size],
    };
    return { label, provenance };
  };

  /** Everyone sends everything to everyone: one hop. */
  const wholeSum = (kind: GroupKind, range: Range, label: string) => {
    const exact = kind !== 'replica';
    const members = groupOf(mesh, kind);
    const bytes = 4 * range.size;
    const block = receiving.push({ bytes: bytes * members.length, label }) - 1;
    const slot = (member: number): Placement => ({
      space: 'reduction',
      block,
      offset: member * bytes,
      bytes,
    });
    const about = aboutSum(range, label);
    const identity = { ...about, exchange: exchanges++, group: kind, exact };
    const at = gradients(range);
    const start: PlanStep = {
      kind: 'start',
      ...identity,
      alike: !exact,
      sends: members.filter(peer => peer !== rank).map(peer => ({ peer, at })),
    };
    const finish: PlanStep = {
      kind: 'finish',
      ...identity,
      receives: members.flatMap((peer, member): Parcel[] =>
        peer === rank ? [] : [{ peer, at: slot(member) }],
      ),
      keep: { from: at, to: slot(members.indexOf(rank)) },
    };
    const received = { ...slot(0), bytes: bytes * members.length };
    const sum = planStep(
      sumKernel(1, members.length, range.size, 1, input(0), output),
      [received, at],
      about,
    );
    return { start, finish: [finish, sum] };
  };

  /** Everyone sums one share and sends it to everyone: two hops, and for more than two members fewer bytes. */
  const sharedSum = (kind: GroupKind, range: Range, label: string) => {
    const members = groupOf(mesh, kind);
    const own = members.indexOf(rank);
    // Shares begin where a buffer may be bound.
    const share = aligned(range.size / members.length);
    const shareOf = (member: number): Range => {
      const offset = Math.min(member * share, range.size);
      return { offset: range.offset + offset, size: Math.min(share, range.size - offset) };
    };
    const mine = shareOf(own);
    const bytes = 4 * mine.size;
    const block = receiving.push({ bytes: Math.max(4, bytes * members.length), label }) - 1;
    const slot = (member: number): Placement => ({
      space: 'reduction',
      block,
      offset: member * bytes,
      bytes,
    });
    const others = members.map((peer, member) => ({ peer, member })).filter(({ peer }) => peer !== rank);
    const filled = others.filter(({ member }) => shareOf(member).size > 0);
    const about = aboutSum(range, label);
    const scatter = { ...about, exchange: exchanges++, group: kind };
    const gather = { ...about, exchange: exchanges++, group: kind };
    const start: PlanStep = {
      kind: 'start',
      ...scatter,
      sends: filled.map(({ peer, member }) => ({ peer, at: gradients(shareOf(member)) })),
    };
    const empty = mine.size === 0;
    const received: PlanStep = {
      kind: 'finish',
      ...scatter,
      receives: empty ? [] : others.map(({ peer, member }) => ({ peer, at: slot(member) })),
      ...(empty ? {} : { keep: { from: gradients(mine), to: slot(own) } }),
    };
    const sum = planStep(
      sumKernel(1, members.length, mine.size, 1, input(0), output),
      [{ ...slot(0), bytes: bytes * members.length }, gradients(mine)],
      about,
    );
    const second: PlanStep = {
      kind: 'start',
      ...gather,
      alike: true,
      sends: empty ? [] : others.map(({ peer }) => ({ peer, at: gradients(mine) })),
    };
    const end: PlanStep = {
      kind: 'finish',
      ...gather,
      receives: filled.map(({ peer, member }) => ({ peer, at: gradients(shareOf(member)) })),
    };
    return { start, finish: [received, ...(empty ? [] : [sum]), second], end: [end] };
  };

  const buckets: {
    readonly ready: number;
    readonly start: PlanStep;
    readonly finish: readonly PlanStep[];
    readonly end: readonly PlanStep[];
  }[] = [];
  const tail: PlanStep[] = [];
  const ends: PlanStep[] = [];
  const across = (range: Range, label: string) => {
    if (mesh.replicas === 2) return { ...wholeSum('replica', range, label), end: [] };
    return sharedSum('replica', range, label);
  };
  for (const { copies, range } of copyRanges(layout)) {
    if (copies === 'none') {
      if (mesh.replicas === 1) continue;
      for (const bucket of bucketsOf(layout, range)) {
        const ready = lastWriter(plan, gradients(bucket));
        buckets.push({ ready, ...across(bucket, 'gradients over the replicas') });
      }
      buckets.sort((a, b) => a.ready - b.ready);
      tail.push(...buckets.flatMap(({ finish }) => finish));
      ends.push(...buckets.flatMap(({ end }) => end));
      continue;
    }
    if (groupOf(mesh, copies).length > 1) {
      const { start, finish } = wholeSum(copies, range, `gradients that a ${copies} holds copies of`);
      tail.push(start, ...finish);
    }
    if (mesh.replicas > 1) {
      const { start, finish, end } = across(range, 'gradients of vectors over the replicas');
      tail.push(start, ...finish);
      ends.push(...end);
    }
  }
  const placed = plan.steps.flatMap((step, index) => [
    step,
    ...buckets.filter(({ ready }) => ready === index).map(({ start }) => start),
  ]);
  return {
    ...plan,
    spaces: { ...plan.spaces, ...(receiving.length > 0 ? { reduction: receiving } : {}) },
    steps: [...placed, ...tail, ...ends],
    exchanges,
  };
}

/** The gradients of a range in parts that are summed on their own. */
export function bucketsOf({ entries }: ParameterLayout, { offset, size }: Range): Range[] {
  const made: Range[] = [];
  let from = offset;
  for (const entry of entries) {
    if (entry.offset < from || entry.offset >= offset + size) continue;
    if (entry.offset - from >= BUCKET_FLOATS) {
      made.push({ offset: from, size: entry.offset - from });
      from = entry.offset;
    }
  }
  return [...made, { offset: from, size: offset + size - from }];
}

/** Index of the last step that writes into a range of the gradients. */
function lastWriter(plan: Plan, range: Placement): number {
  const writes = (at: Placement | null) =>
    at?.space === 'gradients' &&
    at.offset < range.offset + range.bytes &&
    range.offset < at.offset + at.bytes;
  return plan.steps.findLastIndex(step => {
    if (step.kind === 'dispatch') return step.operands.some(writes);
    return (
      step.kind === 'finish' && [...step.receives.map(({ at }) => at), step.keep?.to ?? null].some(writes)
    );
  });
}
