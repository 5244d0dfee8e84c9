/** What a rule of the float64 interpreter is. */
import { type Shape, sizeOf, type Tensor } from '../../src/graph/tensor.ts';

export type Values = Float64Array;
export type Rule = (result: Tensor<never>, inputs: readonly Values[]) => Values;

/** Calls `visit` with the index of every element of `shape`, row-major. */
export function eachIndex(shape: Shape, visit: (index: number[], flat: number) => void): void {
  const index = shape.map(() => 0);
  for (let flat = 0; flat < sizeOf(shape); flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
}
