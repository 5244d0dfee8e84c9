/** Values of the variables of a NetCDF classic file: whole, a range of steps, or a run of one step. */

import type { ByteRange } from './bytes.ts';
import type { BlockRange, NetcdfFile, NetcdfVariable } from './file.ts';
import { externalTypes, type NetcdfArray, product, textOf, valuesOf } from './types.ts';

/**
 * Values of a variable from index `start` of its first dimension on, `count` of them (default: all), row-major, as
 * stored: neither unpacked nor masked.
 */
export function readValues(
  file: NetcdfFile,
  variable: NetcdfVariable,
  start = 0,
  count?: number,
): NetcdfArray {
  if (file.block) {
    const ranges = variable.shape.map((length): BlockRange => [0, length]);
    if (ranges.length > 0) ranges[0] = [start, start + (count ?? variable.shape[0] - start)];
    return file.block(variable, ranges);
  }
  const { size } = externalTypes[variable.type];
  const rows = count ?? (variable.shape[0] ?? 1) - start;
  const rowBytes = product(variable.shape.slice(1)) * size;
  const raw = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    const from = variable.begin + (start + row) * variable.stride;
    raw.set(file.bytes.view(from, rowBytes), row * rowBytes);
  }
  return valuesOf(variable.type, raw);
}

/**
 * Values `from` (included) to `to` (not included) of those at one index of the first dimension; they are there until the next such
 * values are read.
 */
export function readRun(
  { bytes }: NetcdfFile,
  variable: NetcdfVariable,
  index: number,
  from: number,
  to: number,
): NetcdfArray {
  const { size } = externalTypes[variable.type];
  const start = variable.begin + index * variable.stride + from * size;
  const length = (to - from) * size;
  const own = length > DESK ? new Uint8Array(length) : desk.subarray(0, length);
  own.set(bytes.view(start, length));
  return valuesOf(variable.type, own);
}

/** Bytes that are put in the machine's order where those before them were: else they would all be garbage. */
const DESK = 2 ** 18;
const desk = new Uint8Array(DESK);

/** The bytes that `readRun` takes. */
export function runRange(variable: NetcdfVariable, index: number, from: number, to: number): ByteRange {
  const { size } = externalTypes[variable.type];
  const start = variable.begin + index * variable.stride;
  return { from: start + from * size, to: start + to * size };
}

/** A character variable as one string, without trailing zeros and blanks. */
export function readText(file: NetcdfFile, variable: NetcdfVariable): string {
  return textOf(Uint8Array.from(readValues(file, variable)));
}
