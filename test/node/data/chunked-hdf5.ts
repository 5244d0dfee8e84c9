/** HDF5 files with one field, written by the library that reads them, and read as in a worker: parts of them where they lie. */
import h5wasm from 'h5wasm';
import type { ColumnSource } from '../../../src/data/boxed-source.ts';
import { HEAD_BYTES } from '../../../src/data/file-forms.ts';
import type { ByteRange } from '../../../src/data/netcdf/bytes.ts';
import { fieldsOfNetcdf, openNetcdf, readNetcdfBox } from '../../../src/data/netcdf/read.ts';
import { type ByteCount, noBytes } from '../../../src/io/byte-count.ts';

export interface Hdf5Fixture {
  /** One for each dimension of the field, slowest first. */
  readonly axes: readonly {
    readonly dimensions: readonly string[];
    readonly attributes: Readonly<Record<string, string>>;
    readonly values: readonly number[];
  }[];
  readonly values: Float32Array;
  readonly chunks: readonly number[];
}

let written = 0;

/** A field `t`, in chunks of deflate as large as what is in them. */
export async function writeHdf5({ axes, values, chunks }: Hdf5Fixture): Promise<Uint8Array<ArrayBuffer>> {
  const { FS } = await h5wasm.ready;
  const path = `/written-${written++}.nc`;
  const file = new h5wasm.File(path, 'w');
  for (const { dimensions, attributes, values: along } of axes) {
    const axis = file.create_dataset({ name: dimensions[0], data: Float64Array.from(along) });
    for (const [name, text] of Object.entries(attributes)) axis.create_attribute(name, text);
    axis.make_scale(dimensions[0]);
  }
  const field = file.create_dataset({
    name: 't',
    data: values,
    shape: axes.map(({ values: along }) => along.length),
    chunks: [...chunks],
    compression: 'gzip',
    compression_opts: [0],
  });
  axes.forEach(({ dimensions }, d) => {
    field.attach_scale(d, `/${dimensions[0]}`);
  });
  file.close();
  const bytes = Uint8Array.from(FS.readFile(path));
  FS.unlink(path);
  return bytes;
}

/** Opens a file of which parts can be read at once, as a worker of the page has it; `count` is of what was read. */
export async function rangedSource(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ readonly source: ColumnSource; readonly count: ByteCount }> {
  const count = noBytes();
  const readNow = ({ from, to }: ByteRange) => {
    count.bytes += to - from;
    count.requests++;
    return bytes.slice(from, to);
  };
  const opened = await openNetcdf(
    [
      {
        name,
        size: bytes.length,
        head: bytes.slice(0, HEAD_BYTES),
        read: async range => readNow(range),
        readNow,
      },
    ],
    count,
  );
  return {
    count,
    source: {
      fields: fieldsOfNetcdf(opened),
      count,
      read: (box, progress) => readNetcdfBox(opened, box, progress),
      describeSplit: () => [],
    },
  };
}
