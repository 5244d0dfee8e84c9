/**
 * Reads a box of NetCDF classic files that stay where they are: on the user's disk or on a server. In that format
 * every value lies at a known place, so no more is read than the box, the headers and the axes take.
 */
import { type ByteCount, noBytes } from '../../io/byte-count.ts';
import { DataError } from '../../io/data-error.ts';
import { fetchCounted, nameInUrl } from '../../io/http.ts';
import type { NetcdfSource } from '../choice/choice.ts';
import type { Dataset, Progress, SourceFields } from '../dataset.ts';
import { HEAD_BYTES, type HeadedFile, isHdf5, openFile } from '../file-forms.ts';
import { membersOf, type RecordAxis } from '../record-axis.ts';
import { blockStarts, heaviest } from '../record-blocks.ts';
import type { ColumnBox } from '../slice.ts';
import { type ByteRange, FetchedBytes, type NetcdfBytes, type RangedFile, readBlob } from './bytes.ts';
import { boxPlaces, readDescribed, recordAxis, wholeOf } from './dataset.ts';
import { describeNetcdf, type NetcdfDescription, type NetcdfPart } from './description.ts';
import { scatterRanges } from './fields.ts';
import { HeaderCut, type NetcdfFile, type NetcdfVariable, readHeader } from './file.ts';
import { externalTypes, product } from './types.ts';
import { runRange } from './values.ts';

export interface OpenedNetcdf extends NetcdfDescription {
  /** All that was read so far. */
  readonly count: ByteCount;
  /** Of classic files, whose ranges are fetched before they are read. */
  readonly bytes: ReadonlyMap<string, FetchedBytes>;
}

/**
 * Opens files that belong together.
 *
 * @throws DataError where a file cannot be read or the files do not fit together
 */
export async function openNetcdfFiles(
  sources: readonly NetcdfSource[],
  part: NetcdfPart = {},
): Promise<OpenedNetcdf> {
  const count = noBytes();
  return openNetcdf(await Promise.all(sources.map(source => openFile(source, count))), count, part);
}

/** @param count of what is read of the files */
export async function openNetcdf(
  sources: readonly HeadedFile[],
  count: ByteCount,
  part: NetcdfPart = {},
): Promise<OpenedNetcdf> {
  const files = await Promise.all(sources.map(openOne));
  const bytes = new Map(files.flatMap(({ file, bytes }) => (bytes ? [[file.name, bytes] as const] : [])));
  if (new Set(files.map(({ file }) => file.name)).size < files.length)
    throw new DataError('Two files have the same name. Give each file once.');
  return {
    ...describeNetcdf(
      files.map(({ file }) => file),
      part,
    ),
    count,
    bytes,
  };
}

/** The whole of a file, for a run in one piece. @throws DataError where it cannot be read */
export async function readNetcdfFile(
  source: NetcdfSource,
): Promise<{ readonly name: string; readonly bytes: ArrayBuffer }> {
  if ('blob' in source) return { name: source.name, bytes: await readBlob(source.name, source.blob) };
  const answer = await fetchCounted(new Request(source.url), noBytes());
  if (!answer.ok) throw new DataError(`The server does not have ${source.url}.`);
  return { name: nameInUrl(source.url), bytes: await answer.arrayBuffer() };
}

export function fieldsOfNetcdf(description: NetcdfDescription): SourceFields {
  const { channels, statics, grid } = description;
  const axis = recordAxis(description);
  return {
    channels: channels.map(({ channel }) => channel),
    statics: statics.length,
    latitude: grid.latitude,
    longitude: grid.longitude,
    ...axis,
    blocks: blocksOf(description, axis),
  };
}

function blocksOf({ channels, time }: NetcdfDescription, axis: RecordAxis): Int32Array | undefined {
  const sources = new Map(
    channels.flatMap(({ sources }) => sources.map(({ content, field }) => [field, content] as const)),
  );
  const chunked = heaviest(
    [...sources].map(([{ variable, roles, channels }, content]) => ({
      steps: variable.chunks?.[roles.indexOf('time')] ?? 1,
      bytes: product(variable.chunks ?? []) * externalTypes[variable.type].size,
      content,
      first: channels[0].name,
    })),
  );
  if (!chunked) return undefined;
  // In time order, each of a file its own; numbers of chunks go on from file to file.
  const chunks = new Float64Array(time.times.length).fill(-1);
  const same = channels.find(({ sources }) => sources.some(({ content }) => content === chunked.content));
  same?.sources.forEach(({ content }, file) => {
    content.times?.forEach((at, stored) => {
      chunks[time.stepOf(at)] = file * 2 ** 32 + Math.floor(stored / chunked.steps);
    });
  });
  const members = membersOf(axis);
  return blockStarts(axis.times.length, record => chunks[Math.floor(record / members)]);
}

/**
 * @param box indices among the channels, static fields, columns and steps of the files; all of it where absent
 * @returns the box alone, as a data set, and the bytes that it took
 */
export async function readNetcdfBox(
  opened: OpenedNetcdf,
  box: ColumnBox = wholeOf(opened),
  progress: Progress = () => {},
): Promise<{ readonly dataset: Dataset; readonly bytesRead: number }> {
  const before = opened.count.bytes;
  const places = boxPlaces(opened, box);
  const fields = [...places.channels, ...places.statics];
  const releases: (() => void)[] = [];
  try {
    for (const [name, bytes] of opened.bytes) {
      progress(`Reading ${name}`, 0);
      const own = fields.filter(({ content }) => content.file.name === name);
      releases.push(
        await bytes.fetch(
          own.flatMap(({ field, offsets, inner, from }) =>
            scatterRanges(field.variable, offsets, inner, from),
          ),
        ),
      );
    }
    return { dataset: readDescribed(opened, box, progress, places), bytesRead: opened.count.bytes - before };
  } finally {
    for (const release of releases) release();
  }
}

/**
 * Reads the header of a file that stays where it is, and the variables of one dimension or none, which are its axes.
 * The rest must be fetched before it is read.
 *
 * @throws DataError as `readNetcdf`, and where the file cannot be read
 */
async function openOne(
  source: HeadedFile,
): Promise<{ readonly file: NetcdfFile; readonly bytes?: FetchedBytes }> {
  if (isHdf5(source.head)) {
    // Loaded on demand, with its library.
    const { openHdf5 } = await import('../hdf5/file.ts');
    return { file: await openHdf5(source) };
  }
  const bytes = new FetchedBytes(source);
  const file = await openHeader(source, bytes, HEAD_BYTES);
  const axes = [...file.variables.values()].filter(({ shape, type }) => shape.length < 2 || type === 'char');
  await bytes.fetch(axes.flatMap(variable => indexRanges(variable)));
  return { file, bytes };
}

async function openHeader(source: RangedFile, bytes: NetcdfBytes, guess: number): Promise<NetcdfFile> {
  const head = await source.read({ from: 0, to: Math.min(guess, source.size) });
  try {
    return readHeader(Uint8Array.from(head).buffer, bytes, source.name);
  } catch (error) {
    if (error instanceof HeaderCut && guess < source.size) return openHeader(source, bytes, guess * 4);
    throw error;
  }
}

/** The bytes of a whole variable: in one piece, or one for every record where others lie between. */
function indexRanges(variable: NetcdfVariable): ByteRange[] {
  const [count = 1, ...inner] = variable.shape;
  const rowAt = (index: number) => runRange(variable, index, 0, product(inner));
  const { from, to } = rowAt(0);
  if (variable.stride === to - from) return [{ from, to: from + count * variable.stride }];
  return Array.from({ length: count }, (_, i) => rowAt(i));
}
