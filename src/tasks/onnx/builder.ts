/** Collects the operators and constants of an ONNX graph; each gets a name of its own. */
import type { ElementType, OnnxAttributes, OnnxConstant, OnnxNode } from './model-file.ts';

export class OnnxBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];

  /** Adds an operator; the name of its result. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: OnnxAttributes = {},
    output = `${operator}_${this.nodes.length}`,
  ): string {
    this.nodes.push({ operator, inputs, output, attributes });
    return output;
  }

  floats(values: Float32Array, shape: readonly number[], name?: string): string {
    return this.#constant(
      'float',
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      shape,
      name,
    );
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant('int64', new Uint8Array(BigInt64Array.from(values, BigInt).buffer), shape);
  }

  reshape(input: string, shape: readonly number[]): string {
    return this.node('Reshape', [input, this.integers(shape)]);
  }

  /** A run of indices along an axis. */
  slice(input: string, axis: number, from: number, to: number): string {
    const [start, end, along] = [from, to, axis].map(value => this.integers([value]));
    return this.node('Slice', [input, start, end, along]);
  }

  #constant(type: ElementType, bytes: Uint8Array, shape: readonly number[], name?: string): string {
    const own = name ?? `constant_${this.constants.length}`;
    this.constants.push({ name: own, type, shape, bytes });
    return own;
  }
}
