/** A small writer of NetCDF classic files, for fixtures: numbers and text in, bytes out. */

export interface FixtureVariable {
  readonly dimensions: readonly string[];
  readonly type?: 'char' | 'short' | 'int' | 'float' | 'double';
  /** Numbers are stored as the type of the variable, a Float64Array in double precision. */
  readonly attributes?: Readonly<Record<string, string | number | Float64Array>>;
  /** Row-major; for a record variable all records one after the other. */
  readonly values: ArrayLike<number>;
}

export interface Fixture {
  /** Sizes by name; 0 marks the record dimension. */
  readonly dimensions: Readonly<Record<string, number>>;
  /** Records, where there is a record dimension. */
  readonly records?: number;
  readonly variables: Readonly<Record<string, FixtureVariable>>;
  readonly version?: 1 | 2 | 5;
}

const CODES = { char: 2, short: 3, int: 4, float: 5, double: 6 } as const;
const SIZES = { char: 1, short: 2, int: 4, float: 4, double: 8 } as const;

/** The bytes of the file. */
export function writeNetcdf(fixture: Fixture): ArrayBuffer {
  const { dimensions, variables, version = 1, records = 0 } = fixture;
  const names = Object.keys(dimensions);
  const entries = Object.entries(variables);
  const isRecord = (v: FixtureVariable) => v.dimensions.length > 0 && dimensions[v.dimensions[0]] === 0;
  const sliceLength = (v: FixtureVariable) =>
    v.dimensions.slice(isRecord(v) ? 1 : 0).reduce((n, d) => n * dimensions[d], 1);
  const alone = entries.filter(([, v]) => isRecord(v)).length === 1;
  const sliceBytes = (v: FixtureVariable) => {
    const bytes = sliceLength(v) * SIZES[v.type ?? 'float'];
    return isRecord(v) && alone ? bytes : Math.ceil(bytes / 4) * 4;
  };

  /** The header with the given data offsets, which do not change its length. */
  const header = (begins: readonly number[]): number[] => {
    const out: number[] = [0x43, 0x44, 0x46, version];
    const number = (value: number, bytes: number) => {
      for (let i = bytes - 1; i >= 0; i--) out.push(Math.floor(value / 256 ** i) % 256);
    };
    const count = (value: number) => number(value, version === 5 ? 8 : 4);
    const raw = (bytes: Iterable<number>) => {
      out.push(...bytes);
      while (out.length % 4 !== 0) out.push(0);
    };
    const text = (value: string) => {
      const bytes = new TextEncoder().encode(value);
      count(bytes.length);
      raw(bytes);
    };
    const tag = (value: number, length: number) => {
      number(length === 0 ? 0 : value, 4);
      count(length);
    };
    count(records);
    tag(10, names.length);
    for (const name of names) {
      text(name);
      count(dimensions[name]);
    }
    tag(12, 0);
    tag(11, entries.length);
    entries.forEach(([name, v], index) => {
      text(name);
      count(v.dimensions.length);
      for (const d of v.dimensions) count(names.indexOf(d));
      const attributes = Object.entries(v.attributes ?? {});
      tag(12, attributes.length);
      for (const [key, value] of attributes) {
        text(key);
        if (typeof value === 'string') {
          number(CODES.char, 4);
          text(value);
        } else {
          const type = typeof value === 'number' ? (v.type ?? 'float') : 'double';
          const numbers = typeof value === 'number' ? [value] : value;
          number(CODES[type], 4);
          count(numbers.length);
          raw(encode(numbers, type));
        }
      }
      number(CODES[v.type ?? 'float'], 4);
      count(sliceBytes(v));
      number(begins[index], version === 1 ? 4 : 8);
    });
    return out;
  };

  let at = header(entries.map(() => 0)).length;
  const begins = entries.map(() => 0);
  for (const record of [false, true]) {
    entries.forEach(([, v], index) => {
      if (isRecord(v) !== record) return;
      begins[index] = at;
      at += sliceBytes(v);
    });
  }
  const recordBytes = entries.reduce((sum, [, v]) => sum + (isRecord(v) ? sliceBytes(v) : 0), 0);
  const bytes = new Uint8Array(at + Math.max(0, records - 1) * recordBytes);
  bytes.set(header(begins));
  entries.forEach(([, v], index) => {
    const data = encode(v.values, v.type ?? 'float');
    const length = sliceLength(v) * SIZES[v.type ?? 'float'];
    for (let r = 0; r < (isRecord(v) ? records : 1); r++) {
      bytes.set(data.subarray(r * length, (r + 1) * length), begins[index] + r * recordBytes);
    }
  });
  return bytes.buffer;
}

function encode(values: ArrayLike<number>, type: keyof typeof CODES): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * SIZES[type]));
  for (let i = 0; i < values.length; i++) {
    const at = i * SIZES[type];
    if (type === 'char') view.setUint8(at, values[i]);
    else if (type === 'short') view.setInt16(at, values[i]);
    else if (type === 'int') view.setInt32(at, values[i]);
    else if (type === 'float') view.setFloat32(at, values[i]);
    else view.setFloat64(at, values[i]);
  }
  return new Uint8Array(view.buffer);
}
