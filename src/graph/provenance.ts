/**
 * Where a tensor comes from: the layer of the model in which it was made, and whether going forward or as a part of the
 * derivative of an op there. Marked beside the graph rather than in it: `grad` marks what a vjp makes, and a model's
 * `layer` what it makes; no op needs to know.
 */
import { nextTensorId, type Shape, type Tensor } from './tensor.ts';

/** What a step of a plan is a part of. */
export interface Provenance {
  /** Such as `blocks.0.tokens`; empty for what is made outside of all layers. */
  readonly layer: string;
  /** `recompute` is what the forward pass did already; `reduce` sums over ranks, `update` is the optimizer's. */
  readonly phase: 'forward' | 'recompute' | 'backward' | 'reduce' | 'update';
  /** The op; going backward the one whose derivative it is. */
  readonly op: string;
  /** Of the result. */
  readonly shape: Shape;
}

interface Mark {
  readonly layer: string;
  /** The op whose derivative it is a part of. */
  readonly derivativeOf?: string;
  /** It was computed before, and not kept. */
  readonly again?: boolean;
}

const marks = new WeakMap<Tensor, Mark>();

/**
 * Marks what `make` makes of its result: with `layer` the tensors that no inner layer has marked.
 * @returns what `make` returns
 */
function marked<Made>(
  mark: Mark,
  make: () => Made,
  resultsOf: (made: Made) => readonly (Tensor | null)[],
): Made {
  const first = nextTensorId();
  const made = make();
  const stack = [...resultsOf(made)];
  const seen = new Set<Tensor>();
  while (stack.length > 0) {
    const tensor = stack.pop();
    // What is older was there before.
    if (!tensor || tensor.id < first || seen.has(tensor)) continue;
    seen.add(tensor);
    if (!marks.has(tensor)) marks.set(tensor, mark);
    stack.push(...tensor.inputs);
  }
  return made;
}

/** Names the layer of what `make` makes; of nested layers the innermost counts. */
export function inLayer(layer: string, make: () => Tensor): Tensor {
  return marked({ layer }, make, made => [made]);
}

/** Marks gradients that `make` makes as a part of the derivative of `result`'s op. */
export function asDerivative<Made extends readonly (Tensor | null)[]>(
  result: Tensor,
  make: () => Made,
): Made {
  const layer = marks.get(result)?.layer ?? '';
  return marked({ layer, derivativeOf: result.op.name }, make, made => made);
}

/** Marks what `make` makes as `tensor` computed again. */
export function asAgain(tensor: Tensor, make: () => Tensor): Tensor {
  return marked({ layer: marks.get(tensor)?.layer ?? '', again: true }, make, made => [made]);
}

/** @returns `heir`, which takes the place of `tensor` */
export function inheritMark(tensor: Tensor, heir: Tensor): Tensor {
  const mark = marks.get(tensor);
  if (mark) marks.set(heir, mark);
  return heir;
}

/** Marks what `make` makes as what `tensor` is: a copy of it, or a sum that it goes on in. */
export function asPartOf(tensor: Tensor, make: () => Tensor): Tensor {
  return marked(marks.get(tensor) ?? { layer: '' }, make, made => [made]);
}

export function provenanceOf(tensor: Tensor): Provenance {
  const { layer = '', derivativeOf, again } = marks.get(tensor) ?? {};
  const forward = again ? 'recompute' : 'forward';
  const phase = derivativeOf === undefined ? forward : 'backward';
  return { layer, phase, op: derivativeOf ?? tensor.op.name, shape: tensor.shape };
}
