/** Reverse-mode differentiation: adds the backward graph, one vjp rule at a time. */
import { add } from './ops/elementwise.ts';
import { fill } from './ops/fill.ts';
import { asDerivative } from './provenance.ts';
import { recomputed } from './recompute.ts';
import { ShapeError, sizeOf, type Tensor } from './tensor.ts';

export interface GradOptions {
  /** Activations are computed again in the backward pass instead of kept: see `recompute.ts`. */
  readonly recompute?: boolean;
}

/**
 * Gradients of the scalar `loss` with respect to each of `wrt`, as symbolic tensors of the same shapes.
 * @throws ShapeError where `loss` is not a scalar or does not depend on one of `wrt`.
 */
export function grad(
  loss: Tensor,
  wrt: readonly Tensor[],
  { recompute = false }: GradOptions = {},
): Tensor[] {
  if (sizeOf(loss.shape) !== 1)
    throw new ShapeError(`grad: the loss has shape [${loss.shape}], not a scalar`);
  const order = ancestors(loss);
  const needed = dependants(order, wrt);
  const made = recompute ? recomputed(order) : (tensor: Tensor) => tensor;
  const [ofItself] = asDerivative(loss, () => [fill(loss.shape, 1)]);
  const gradients = new Map<Tensor, Tensor>([[loss, ofItself]]);
  for (const tensor of order.reverse()) {
    const dy = gradients.get(tensor);
    if (!dy || !needed.has(tensor) || tensor.inputs.length === 0) continue;
    const value = made(tensor);
    const contributions = asDerivative(tensor, () => tensor.op.vjp(value, dy));
    tensor.inputs.forEach((operand, index) => {
      const contribution = contributions[index];
      if (!contribution || !needed.has(operand)) return;
      const sum = gradients.get(operand);
      gradients.set(operand, sum ? total(tensor, sum, contribution) : contribution);
    });
  }
  return wrt.map(tensor => {
    const gradient = gradients.get(tensor);
    if (!gradient) throw new ShapeError('grad: the loss does not depend on one of the tensors asked for');
    return gradient;
  });
}

/** The gradient of what several ops read, with the contribution of `reader`. */
function total(reader: Tensor, sum: Tensor, contribution: Tensor): Tensor {
  return asDerivative(reader, () => [add(sum, contribution)])[0];
}

/** All tensors that `results` are computed from, and they themselves, inputs before results. */
export function ancestors(...results: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...results];
  while (stack.length > 0) {
    const tensor = stack.pop()!;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Those of `order` that depend on one of `sources`: only they need a gradient. */
function dependants(order: readonly Tensor[], sources: readonly Tensor[]): Set<Tensor> {
  const found = new Set(sources);
  for (const tensor of order) if (tensor.inputs.some(operand => found.has(operand))) found.add(tensor);
  return found;
}
