/** An arithmetic that counts its operations by the convention of `Work`, and what a rule that is counted is. */
import type { Tensor } from '../../src/graph/tensor.ts';
import { erf } from './erf.ts';

const phi = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2));
const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Numbers are computed here, and counted. */
export class Tally {
  flops = 0;
  readonly add = (a: number, b: number) => this.#one(a + b);
  readonly sub = (a: number, b: number) => this.#one(a - b);
  readonly mul = (a: number, b: number) => this.#one(a * b);
  readonly div = (a: number, b: number) => this.#one(a / b);
  readonly max = (a: number, b: number) => this.#one(Math.max(a, b));
  readonly min = (a: number, b: number) => this.#one(Math.min(a, b));
  readonly sqrt = (x: number) => this.#one(Math.sqrt(x));
  readonly exp = (x: number) => this.#one(Math.exp(x));
  readonly log = (x: number) => this.#one(Math.log(x));
  /** Of one number or another. */
  readonly choose = (condition: boolean, a: number, b: number) => this.#one(condition ? a : b);
  readonly gelu = (x: number) => this.#one(x * phi(x));
  readonly geluSlope = (x: number) => this.#one(phi(x) + x * density(x));
  /** Of at least one number. */
  readonly sum = (values: readonly number[]) => values.reduce((total, value) => this.add(total, value));
  /** Of none it is zero. */
  readonly sumOfAny = (values: readonly number[]) => (values.length === 0 ? 0 : this.sum(values));
  readonly mean = (values: readonly number[]) => this.div(this.sum(values), values.length);
  /** (x - mean)^2, summed. */
  readonly squares = (values: readonly number[], mean: number) =>
    this.sum(values.map(value => this.sub(value, mean)).map(d => this.mul(d, d)));
  readonly inverseRoot = (variance: number) => this.div(1, this.sqrt(this.add(variance, 1e-5)));

  #one(result: number): number {
    this.flops++;
    return result;
  }
}

/** Reads element i of an input. */
export type Read = (i: number) => number;
/** @param again what was touched before counts once more, where another kernel needs it */
export type Rule = (
  t: Tally,
  result: Tensor,
  inputs: readonly Read[],
  again: () => void,
) => ArrayLike<number>;
