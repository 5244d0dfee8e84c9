/** A NetCDF-4 file for tests, written by the library that reads it. */
import h5wasm from 'h5wasm';

export const STEPS = 7;
export const [ROWS, COLUMNS] = [4, 6];
export const value = (t: number, y: number, x: number) => 100 * t + 10 * y + x;

/** Fields in a group, packed in chunks that fit no dimension, along axes of the root; time is unlimited. */
export async function writeHdf5(): Promise<Uint8Array<ArrayBuffer>> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File('/written.nc', 'w');
  const axes = [
    ['time', Float64Array.from({ length: STEPS }, (_, t) => t), 'days since 2001-01-01'],
    ['lat', Float64Array.from({ length: ROWS }, (_, y) => 10 * y), 'degrees_north'],
    ['lon', Float64Array.from({ length: COLUMNS }, (_, x) => 60 * x), 'degrees_east'],
  ] as const;
  for (const [name, data, units] of axes) {
    const isTime = name === 'time';
    const axis = file.create_dataset({
      name,
      data,
      maxshape: isTime ? [null] : undefined,
      chunks: isTime ? [4] : undefined,
    });
    axis.create_attribute('units', units);
    axis.make_scale(name);
  }
  file.create_attribute('title', 'A test');
  const group = file.create_group('surface');
  const field = (name: string, data: Float32Array | Int16Array) => {
    const dataset = group.create_dataset({
      name,
      data,
      shape: [STEPS, ROWS, COLUMNS],
      chunks: [3, 3, 4],
      compression: 'gzip',
      compression_opts: [4],
    });
    axes.forEach(([axis], d) => {
      dataset.attach_scale(d, `/${axis}`);
    });
    return dataset;
  };
  const values = Array.from({ length: STEPS * ROWS * COLUMNS }, (_, i) =>
    value(Math.floor(i / 24), Math.floor(i / 6) % 4, i % 6),
  );
  field('t', Float32Array.from(values)).create_attribute('units', 'K');
  const packed = field('p', Int16Array.from(values));
  packed.create_attribute('scale_factor', 0.5);
  packed.create_attribute('valid_max', Int16Array.of(599));
  file.create_dataset({ name: 'station', data: ['one', 'two'] });
  file.close();
  return Uint8Array.from(FS.readFile('/written.nc'));
}

/** The same, whose packed chunks are no streams of zlib: for the library they might be packed by anything. */
export async function writeOtherwisePacked(): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await writeHdf5();
  const file = Buffer.from(bytes.buffer);
  const stream = Buffer.of(0x78, 0x5e);
  for (let at = file.indexOf(stream); at >= 0; at = file.indexOf(stream)) file.fill(0, at, at + 2);
  return bytes;
}
