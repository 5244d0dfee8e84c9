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

type Touched = readonly ReadonlySet<string>[];
type Places = readonly ParameterPlace[];

/** By step. @param places of the rank whose plan it is */
export function touchedBy(steps: readonly PlanStep[], places: Places): Touched {
  const ofSteps = found.get(steps) ?? new WeakMap<Places, Touched>();
  found.set(steps, ofSteps);
  const touched = ofSteps.get(places) ?? touchedAmong(steps, places);
  ofSteps.set(places, touched);
  return touched;
}

const found = new WeakMap<readonly PlanStep[], WeakMap<Places, Touched>>();

function touchedAmong(steps: readonly PlanStep[], places: Places): Touched {
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
