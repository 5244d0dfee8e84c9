/**
 * Which parameters each step of a plan has to do with: those that it reads or changes where they are kept, that it computes
 * with after they were gathered, or whose gradients it makes, whoever keeps them in the end. Read off where data lie and flow.
 */
import type { Placement, PlanStep } from '../plan/plan.ts';
import type { ParameterPlace } from '../session/api/cuts.ts';
import { readsOf, sourcesOf, writesOf } from './plan-flow.ts';

/** Spaces that are laid out like the parameters. */
const flat: ReadonlySet<string> = new Set(['parameters', 'gradients', 'moment1', 'moment2', 'average']);

const collectives: ReadonlySet<string> = new Set(['allGather', 'reduceScatter', 'swap', 'allReduce']);

/** It only moves values between ranks, or adds what has come. */
const isMover = ({ kind, label }: PlanStep): boolean =>
  kind !== 'dispatch' || collectives.has(label.split(/,| with /)[0]);

/** By step. @param places of the rank whose plan it is */
export function touchedBy(
  steps: readonly PlanStep[],
  places: readonly ParameterPlace[],
): readonly ReadonlySet<string>[] {
  const known = found.get(steps);
  if (known?.places === places) return known.touched;
  const touched = touchedAmong(steps, places);
  found.set(steps, { places, touched });
  return touched;
}

interface Known {
  readonly places: readonly ParameterPlace[];
  readonly touched: readonly ReadonlySet<string>[];
}
const found = new WeakMap<readonly PlanStep[], Known>();

function touchedAmong(
  steps: readonly PlanStep[],
  places: readonly ParameterPlace[],
): readonly ReadonlySet<string>[] {
  const namesAt = ({ space, offset, bytes }: Placement) =>
    flat.has(space)
      ? places.filter(({ from, to }) => from < offset + bytes && offset < to).map(({ name }) => name)
      : [];
  const touched = steps.map(step => new Set([...readsOf(step), ...writesOf(step)].flatMap(namesAt)));
  const sources = sourcesOf({ steps });
  const add = (to: Set<string>, names: Iterable<string>) => {
    for (const name of names) to.add(name);
  };
  // Weights go on to whoever computes with what was gathered.
  steps.forEach((_, index) => {
    for (const source of sources[index]) if (isMover(steps[source])) add(touched[index], touched[source]);
  });
  // Gradients come from whoever computed what is sent to where they are kept.
  const kept = steps.map(step =>
    isMover(step)
      ? new Set(writesOf(step).flatMap(place => (place.space === 'gradients' ? namesAt(place) : [])))
      : undefined,
  );
  for (let index = steps.length - 1; index >= 0; index--) {
    const names = kept[index];
    if (!names) continue;
    add(touched[index], names);
    for (const source of sources[index]) add(kept[source] ?? touched[source], names);
  }
  steps.forEach((step, index) => {
    // Its partial results are added by the next step.
    const isSplit = step.kind === 'dispatch' && (step.product?.form.splits ?? 1) > 1;
    if (isSplit) add(touched[index], touched[index + 1]);
  });
  return touched;
}
