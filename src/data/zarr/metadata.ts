/**
 * The metadata of a Zarr store, checked before zarrita reads them: it takes them for what they should be, and would make
 * a `TypeError` of what they are not, or allocate what they claim. What zarrita does not know is left to it.
 */
import * as v from 'valibot';
import * as zarr from 'zarrita';
import { DEEPEST, isShallow } from '../../io/nesting.ts';

/** Thrown where a chunk is asked for that the store does not have; zarrita would make one of the size that is claimed. */
export class AbsentChunk extends Error {
  override readonly name = 'AbsentChunk';
}

/** Values of a chunk that can be decoded at once. */
const MOST_VALUES = 2 ** 31;

const length = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const chunkShape = v.pipe(
  v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  v.check(
    sizes => sizes.reduce((a, b) => a * b, 1) <= MOST_VALUES,
    `a chunk has more than ${MOST_VALUES} values`,
  ),
);
const table = v.custom<Readonly<Record<string, unknown>>>(
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
  'no object',
);
const scalar = v.nullish(v.union([v.number(), v.boolean(), v.string()]));

/** 64-bit integers are made of whole numbers, or of their digits. */
const isWhole = (value: v.InferOutput<typeof scalar>) =>
  typeof value === 'number' ? Number.isInteger(value) : typeof value !== 'string' || /^-?\d+$/.test(value);

const filter = v.looseObject({ id: v.string() });

const arraySchema2 = v.pipe(
  v.object({
    shape: v.array(length),
    chunks: chunkShape,
    dtype: v.string(),
    fill_value: scalar,
    filters: v.nullish(v.array(filter)),
    compressor: v.nullish(filter),
    dimension_separator: v.optional(v.picklist(['.', '/'])),
  }),
  v.check(({ shape, chunks }) => shape.length === chunks.length, 'shape and chunks have other dimensions'),
  v.check(
    ({ dtype, fill_value }) => !/[iu]8$/.test(dtype) || isWhole(fill_value),
    'fill_value is no whole number',
  ),
);

const codec = v.looseObject({ name: v.string(), configuration: v.optional(table) });

const sharding = v.object({
  chunk_shape: chunkShape,
  codecs: v.array(codec),
  index_codecs: v.array(codec),
});

const arraySchema3 = v.pipe(
  v.object({
    shape: v.array(length),
    data_type: v.string(),
    chunk_grid: v.object({ configuration: v.object({ chunk_shape: chunkShape }) }),
    chunk_key_encoding: v.object({
      name: v.string(),
      configuration: v.optional(v.object({ separator: v.optional(v.picklist(['.', '/'])) })),
    }),
    fill_value: scalar,
    codecs: v.array(codec),
    attributes: v.optional(table),
    dimension_names: v.nullish(v.array(v.nullable(v.string()))),
  }),
  v.check(
    ({ shape, chunk_grid }) => shape.length === chunk_grid.configuration.chunk_shape.length,
    'shape and chunk_shape have other dimensions',
  ),
  v.check(
    ({ data_type, fill_value }) => !/int64$/.test(data_type) || isWhole(fill_value),
    'fill_value is no whole number',
  ),
  v.check(
    ({ codecs, chunk_grid }) => areShards(codecs, chunk_grid.configuration.chunk_shape),
    'shards are no multiple of their chunks',
  ),
);

function areShards(codecs: readonly v.InferOutput<typeof codec>[], shard: readonly number[]): boolean {
  const found = codecs.find(({ name }) => name === 'sharding_indexed');
  if (!found) return true;
  const { success, output } = v.safeParse(sharding, found.configuration);
  if (!success || output.chunk_shape.length !== shard.length) return false;
  return output.chunk_shape.every((size, d) => shard[d] % size === 0);
}

const documents = v.record(v.string(), table);
const schemas = {
  '.zmetadata': v.object({ metadata: documents }),
  '.zgroup': table,
  '.zattrs': table,
  '.zarray': arraySchema2,
  'zarr.json': v.lazy(value => (isArray(value) ? arraySchema3 : groupSchema3)),
};
const groupSchema3 = v.object({
  attributes: v.optional(table),
  consolidated_metadata: v.nullish(v.object({ metadata: documents })),
});

const isArray = (value: unknown) =>
  typeof value === 'object' && value !== null && 'node_type' in value && value.node_type === 'array';

/**
 * The store, with its metadata checked and without chunks made up.
 *
 * @param faults takes what is wrong with metadata, by key
 * @returns a store that throws zarrita's `InvalidMetadataError` for such, and `AbsentChunk`
 */
export function checkedStore(store: zarr.AsyncReadable, faults: Map<string, string>): zarr.AsyncReadable {
  const checked = (key: string, bytes: Uint8Array | undefined) => {
    const schema = schemaOf(key);
    if (!schema) {
      if (bytes) return bytes;
      throw new AbsentChunk(key);
    }
    const fault = bytes && faultOf(schema, bytes);
    if (fault === undefined) return bytes;
    faults.set(key, fault);
    throw new zarr.InvalidMetadataError(fault);
  };
  return {
    get: async (key, options) => checked(key, await store.get(key, options)),
    getRange:
      store.getRange &&
      (async (key, range, options) => checked(key, await store.getRange!(key, range, options))),
  };
}

function schemaOf(key: string): v.GenericSchema | undefined {
  const file = key.slice(key.lastIndexOf('/') + 1);
  return Object.hasOwn(schemas, file) ? schemas[file as keyof typeof schemas] : undefined;
}

/** What is wrong with a document, in words. */
function faultOf(schema: v.GenericSchema, bytes: Uint8Array): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return `it is no JSON (${(error as Error).message})`;
  }
  if (!isShallow(document)) return `it is nested more than ${DEEPEST} deep`;
  const { success, issues } = v.safeParse(schema, document, { abortEarly: true });
  if (success) return undefined;
  const [issue] = issues;
  return [v.getDotPath(issue), issue.message].filter(Boolean).join(': ');
}
