/**
 * The safetensors format: 8 bytes with the length of a JSON header, the header, the raw values. Reads F32 and F64,
 * writes F32. (https://huggingface.co/docs/safetensors)
 */

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file that is no safetensors file or is cut off. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const bytesPer: ReadonlyMap<string, number> = new Map([
  ['F32', 4],
  ['F64', 8],
]);

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isHeaderEntry(value: unknown): value is HeaderEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  return (
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every(isCount) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isCount)
  );
}

/** @throws SafetensorsError */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength >= 8 ? Number(view.getBigUint64(0, true)) : Number.POSITIVE_INFINITY;
  if (8 + length > bytes.byteLength) {
    throw new SafetensorsError(`Not a safetensors file, or cut off: ${bytes.byteLength} bytes long.`);
  }
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw new SafetensorsError('Not a safetensors file: its header is not JSON.');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new SafetensorsError('Not a safetensors file: its header is no table of tensors.');
  }
  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isMetadata(metadata)) {
    throw new SafetensorsError('Not a safetensors file: its __metadata__ is no table of texts.');
  }
  const data = bytes.subarray(8 + length);
  const entries = Object.entries(rest).map(([name, entry]) => [name, checkEntry(name, entry, data)] as const);
  // Before they are copied: many names for the same bytes would take many times the file.
  const claimed = entries.reduce((sum, [, entry]) => sum + bytesOf(entry), 0);
  if (claimed > data.byteLength) {
    throw new SafetensorsError(
      `Its tensors need ${claimed} bytes together; the file holds ${data.byteLength}: some share their bytes.`,
    );
  }
  return { tensors: new Map(entries.map(([name, entry]) => [name, readEntry(entry, data)])), metadata };
}

const bytesOf = ({ data_offsets: [start, end] }: HeaderEntry) => end - start;

const isMetadata = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(text => typeof text === 'string');

function checkEntry(name: string, entry: unknown, data: Uint8Array): HeaderEntry {
  if (!isHeaderEntry(entry)) {
    throw new SafetensorsError(`Tensor ${name} has no dtype, shape and data_offsets of the format's kind.`);
  }
  const { dtype, shape } = entry;
  const [start, end] = entry.data_offsets;
  const size = shape.reduce((product, n) => product * n, 1);
  const width = bytesPer.get(dtype);
  if (!width) throw new SafetensorsError(`Tensor ${name} is ${dtype}; only F32 and F64 are read.`);
  if (end - start !== size * width || end > data.byteLength) {
    throw new SafetensorsError(
      `Tensor ${name} of shape [${shape}] needs ${size * width} bytes; the file holds ` +
        `${Math.max(0, Math.min(end, data.byteLength) - start)}.`,
    );
  }
  return entry;
}

function readEntry({ dtype, shape, data_offsets: [start, end] }: HeaderEntry, data: Uint8Array): NamedTensor {
  // A copy, since typed arrays must begin at a multiple of their element's size.
  const own = data.slice(start, end).buffer;
  return { shape, values: dtype === 'F32' ? new Float32Array(own) : new Float64Array(own) };
}

export function writeSafetensors(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.byteLength / 8) * 8;
  const file = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(json, 8);
  let at = 8 + length;
  for (const { values } of tensors.values()) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}
