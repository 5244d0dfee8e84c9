/** What flows from step to step of a plan: which steps made what a step reads. */
import type { Placement, Plan, PlanStep } from '../plan/plan.ts';

type Steps = Pick<Plan, 'steps'>;

export const readsOf = (step: PlanStep): Placement[] => {
  if (step.kind === 'start') return step.sends.map(({ at }) => at);
  if (step.kind === 'finish') return step.keep ? [step.keep.from] : [];
  return step.operands.flatMap(place => (place && place.access !== 'write' ? [place] : []));
};

export const writesOf = (step: PlanStep): Placement[] => {
  if (step.kind === 'start') return [];
  if (step.kind === 'finish')
    return [...step.receives.map(({ at }) => at), ...(step.keep ? [step.keep.to] : [])];
  return step.operands.flatMap(place => (place && place.access !== 'read' ? [place] : []));
};

interface Written {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/**
 * For every step of a plan those before it that wrote what it reads, in ascending order; a step that receives also comes
 * from the one that sends in the same exchange.
 */
export function sourcesOf({ steps }: Steps): readonly (readonly number[])[] {
  const known = found.get(steps) ?? sourcesAmong(steps);
  found.set(steps, known);
  return known;
}

const found = new WeakMap<readonly PlanStep[], readonly (readonly number[])[]>();

function sourcesAmong(steps: readonly PlanStep[]): readonly (readonly number[])[] {
  const written = new Map<string, Written[]>();
  const starts = new Map<number, number>();
  return steps.map((step, index) => {
    const sources = new Set<number>();
    for (const { space, block, offset, bytes } of readsOf(step)) {
      for (const { from, to, step } of written.get(`${space} ${block}`) ?? []) {
        if (from < offset + bytes && offset < to) sources.add(step);
      }
    }
    if (step.kind === 'start') starts.set(step.exchange, index);
    const start = step.kind === 'finish' ? starts.get(step.exchange) : undefined;
    if (start !== undefined) sources.add(start);
    for (const { space, block, offset, bytes } of writesOf(step)) {
      const key = `${space} ${block}`;
      const [from, to] = [offset, offset + bytes];
      // Of what was there before, the parts that are left on either side.
      const left = (written.get(key) ?? []).flatMap(other => [
        ...(other.from < from ? [{ ...other, to: Math.min(other.to, from) }] : []),
        ...(to < other.to ? [{ ...other, from: Math.max(other.from, to) }] : []),
      ]);
      written.set(key, [...left, { from, to, step: index }]);
    }
    return [...sources].sort((a, b) => a - b);
  });
}
