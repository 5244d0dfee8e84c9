/**
 * ONNX files: a graph of operators as protocol buffers, of which a model needs few messages. Operators are those of set 17.
 *
 * The messages: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { PbfWriter } from 'pbf';

const IR_VERSION = 8;
const OPSET = 17;
/** Protocol buffers end there. */
const MOST_BYTES = 2 ** 31 - 1;

/** By the numbers that they have in the format. */
export const elementTypes = { float: 1, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

export interface OnnxConstant {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Little-endian. */
  readonly bytes: Uint8Array;
}

/** Whole numbers and lists of them are integers to ONNX; reals and texts are not needed. */
export type OnnxAttributes = Readonly<Record<string, number | readonly number[]>>;

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: OnnxAttributes;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** A text is a size that a caller chooses. */
  readonly shape: readonly (number | string)[];
  /** For people. */
  readonly about: string;
}

export interface OnnxModel {
  readonly name: string;
  readonly about: string;
  /** By key, for programs. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
  /** In an order in which they can be computed. */
  readonly nodes: readonly OnnxNode[];
}

/** @throws RangeError where the model is larger than the format allows */
export function encodeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const bytes = model.constants.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (bytes > MOST_BYTES) {
    throw new RangeError(`The model has ${bytes} bytes of weights; one ONNX file holds ${MOST_BYTES}.`);
  }
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'Isobar');
  pbf.writeStringField(6, model.about);
  pbf.writeMessage(7, writeGraph, model);
  pbf.writeMessage(8, writeOpset, OPSET);
  for (const [key, value] of Object.entries(model.metadata)) {
    pbf.writeMessage(14, writeEntry, { key, value });
  }
  return Uint8Array.from(pbf.finish());
}

function writeOpset(version: number, pbf: PbfWriter): void {
  pbf.writeStringField(1, '');
  pbf.writeVarintField(2, version);
}

function writeEntry({ key, value }: { readonly key: string; readonly value: string }, pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeGraph({ name, nodes, constants, inputs, outputs }: OnnxModel, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, name);
  for (const constant of constants) pbf.writeMessage(5, writeConstant, constant);
  for (const input of inputs) pbf.writeMessage(11, writeValue, input);
  for (const output of outputs) pbf.writeMessage(12, writeValue, output);
}

function writeNode({ operator, inputs, output, attributes }: OnnxNode, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  pbf.writeStringField(2, output);
  pbf.writeStringField(3, output);
  pbf.writeStringField(4, operator);
  for (const [name, value] of Object.entries(attributes)) {
    pbf.writeMessage(5, writeAttribute, { name, value });
  }
}

const ATTRIBUTE = { int: 2, ints: 7 } as const;

function writeAttribute(
  { name, value }: { readonly name: string; readonly value: number | readonly number[] },
  pbf: PbfWriter,
): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') pbf.writeVarintField(3, value);
  else for (const number of value) pbf.writeVarintField(8, number);
  pbf.writeVarintField(20, typeof value === 'number' ? ATTRIBUTE.int : ATTRIBUTE.ints);
}

function writeConstant({ name, type, shape, bytes }: OnnxConstant, pbf: PbfWriter): void {
  for (const size of shape) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, elementTypes[type]);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, bytes);
}

function writeValue({ name, type, shape, about }: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, { type, shape });
  pbf.writeStringField(3, about);
}

function writeType({ type, shape }: Pick<OnnxValue, 'type' | 'shape'>, pbf: PbfWriter): void {
  pbf.writeMessage(
    1,
    (_, tensor) => {
      tensor.writeVarintField(1, elementTypes[type]);
      tensor.writeMessage(2, writeShape, shape);
    },
    undefined,
  );
}

function writeShape(shape: OnnxValue['shape'], pbf: PbfWriter): void {
  for (const size of shape) {
    pbf.writeMessage(
      1,
      (_, dimension) => {
        if (typeof size === 'number') dimension.writeVarintField(1, size);
        else dimension.writeStringField(2, size);
      },
      undefined,
    );
  }
}
