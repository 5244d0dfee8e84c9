/** Where arrays of a project go: files of NumPy's format, written part by part. */

/** As NumPy names them, little-endian. */
export type ArrayKind = '<f4' | '<f8' | '<i4' | '<u4' | '|u1';

export interface ArrayWriter {
  /** The values that follow, row-major. */
  write(values: ArrayBufferView): Promise<void>;
  close(): Promise<void>;
}

export interface ArraySink {
  /** @param name without an ending */
  open(name: string, kind: ArrayKind, shape: readonly number[]): Promise<ArrayWriter>;
}

/** An array that is at hand. */
export async function writeWhole(
  sink: ArraySink,
  name: string,
  kind: ArrayKind,
  shape: readonly number[],
  values: ArrayBufferView,
): Promise<void> {
  const writer = await sink.open(name, kind, shape);
  await writer.write(values);
  await writer.close();
}
