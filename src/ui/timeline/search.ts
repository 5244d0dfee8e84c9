/** Finds spans by what their steps are: layer, phase, op, kernel. */
import type { StepLanes } from '../../show/lanes.ts';
import type { LaneSpan } from '../../show/pieces.ts';

/**
 * @param query words that must all be part of it; case does not count
 * @returns in order of time; undefined where nothing is looked for
 */
export function found({ ranks, stepsOf }: StepLanes, query: string): LaneSpan[] | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  // Ranks and passes of one plan have the same steps.
  const texts = new Map<string, string>();
  const textOf = ({ plan, from, to }: LaneSpan) => {
    const key = `${plan} ${from} ${to}`;
    const kept = texts.get(key) ?? textOfSteps(stepsOf(plan)?.slice(from, to) ?? []);
    texts.set(key, kept);
    return kept;
  };
  return ranks
    .flatMap(({ spans }) =>
      spans.filter(span => span.lane !== 'data' && words.every(word => textOf(span).includes(word))),
    )
    .sort((a, b) => a.begun - b.begun);
}

function textOfSteps(steps: NonNullable<ReturnType<StepLanes['stepsOf']>>): string {
  // Of an exchange, what lies between its start and its finish is others' work.
  const own = steps.at(0)?.kind === 'start' ? steps.slice(0, 1) : steps;
  const words = own.flatMap(step => {
    const { layer, phase, op } = step.provenance;
    return [layer, phase, op, step.label, step.kind === 'dispatch' ? step.shader : step.group];
  });
  return [...new Set(words)].join(' ').toLowerCase();
}
