/** Arrays as files of NumPy's format (version 1.0): a header of one line, then the values as they lie in memory. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArrayKind, ArraySink } from '../session/api/graduation.ts';

/** Values begin at a multiple of this. */
const ALIGNED = 64;

/** Writes `NAME.npy` into a folder that is there. */
export const arrayFiles = (folder: string): ArraySink => ({
  async open(name, kind, shape) {
    const file = await open(join(folder, `${name}.npy`), 'w');
    await writeAll(file, headerOf(kind, shape));
    return {
      write: values => writeAll(file, values),
      close: () => file.close(),
    };
  },
});

async function writeAll(file: FileHandle, values: ArrayBufferView): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let from = 0; from < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, from);
    from += bytesWritten;
  }
}

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
function headerOf(kind: ArrayKind, shape: readonly number[]): Uint8Array {
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape.map(size => `${size},`).join(' ')}), }`;
  const length = Math.ceil((10 + text.length + 1) / ALIGNED) * ALIGNED - 10;
  const line = new TextEncoder().encode(`${text.padEnd(length - 1)}\n`);
  const header = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, length & 0xff, length >> 8);
  return Uint8Array.from([...header, ...line]);
}
