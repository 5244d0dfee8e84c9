/**
 * Turns NetCDF classic files into one data set. Files with the same variables and other times follow each other;
 * files with other variables and the same times become further channels. Fields without time become statics.
 */
import { isoTime, SAME_DEGREES } from './cf-axes.ts';
import { equalSteps } from './cf-steps.ts';
import { type Channel, DataError, type Dataset, type Progress, type StaticField } from './dataset.ts';
import { readNetcdf } from './netcdf.ts';
import { type FileFields, type GridField, readFields, scatter } from './netcdf-fields.ts';

/** One level of one variable of one file. */
interface Source {
  readonly content: FileFields;
  readonly field: GridField;
  readonly level: number;
}

interface NamedChannel {
  readonly channel: Channel;
  /** In time order; together they cover every step once. */
  readonly sources: readonly Source[];
}

/**
 * Reads files that were opened together.
 *
 * @param options.variables names of NetCDF variables or of channels to keep, all where absent
 * @throws DataError where a file cannot be read or the files do not fit together
 */
export function datasetFromNetcdf(
  files: readonly { readonly name: string; readonly bytes: ArrayBuffer }[],
  options: { readonly variables?: readonly string[] } = {},
  progress: Progress = () => {},
): Dataset {
  if (files.length === 0) throw new DataError('No file was given.');
  const contents = files.map(({ name, bytes }) => readFields(readNetcdf(bytes, name)));
  const { latitude, longitude, periodic } = contents[0].grid;
  for (const content of contents) checkSameGrid(contents[0], content);

  const named = chooseChannels(nameChannels(contents), contents, options.variables);
  const { times, stepHours, stepOf } = timeAxis(named);
  for (const { channel, sources } of named) checkCoverage(channel, sources, times);

  const points = latitude.length * longitude.length;
  const values = allocate(times.length * named.length * points);
  // A variable of many levels is read once for all of them, so go by the field rather than by the channel.
  const fields = new Map<GridField, { content: FileFields; channelOf: Float64Array }>();
  named.forEach(({ sources }, c) => {
    for (const { content, field, level } of sources) {
      if (!fields.has(field)) {
        fields.set(field, { content, channelOf: new Float64Array(field.channels.length).fill(-1) });
      }
      fields.get(field)!.channelOf[level] = c * points;
    }
  });
  let done = 0;
  for (const [field, { content, channelOf }] of fields) {
    progress(`Reading ${field.variable.name} of ${content.file.name}`, done++ / fields.size);
    const steps = Float64Array.from(content.times!, time => stepOf(time) * named.length * points);
    scatterField(content, field, steps, channelOf, values);
  }
  progress('Reading files', 1);

  const missing = countMissing(values, named.length, points);
  missing.forEach((count, c) => {
    if (count === times.length * points) {
      throw new DataError(
        `The variable ${named[c].channel.name} of ${named[c].sources[0].content.file.name} is missing everywhere (all ${count} values). Leave it out or check its fill value.`,
      );
    }
  });
  return {
    source: describe(contents),
    synthetic: false,
    channels: named.map(({ channel }) => channel),
    statics: readStatics(contents, options.variables),
    latitude,
    longitude,
    periodic,
    times,
    stepHours,
    values,
    hasMissing: missing.some(count => count > 0),
  };
}

function checkSameGrid(a: FileFields, b: FileFields): void {
  const same = (x: Float64Array, y: Float64Array) =>
    x.length === y.length && x.every((value, i) => Math.abs(value - y[i]) < SAME_DEGREES);
  if (same(a.grid.latitude, b.grid.latitude) && same(a.grid.longitude, b.grid.longitude)) return;
  const words = ({ file, grid: { latitude: lat, longitude: lon } }: FileFields) =>
    `${file.name} has ${lat.length} x ${lon.length} points, latitude ${lat[0]} to ${lat[lat.length - 1]}, longitude ${lon[0]} to ${lon[lon.length - 1]}`;
  throw new DataError(
    `The files lie on different grids: ${words(a)}; ${words(b)}. Interpolate them to one grid.`,
  );
}

/** Groups the fields of all files into channels. A name used twice for the same times gets the file's name added. */
function nameChannels(contents: readonly FileFields[]): NamedChannel[] {
  const groups = new Map<string, Source[]>();
  for (const content of contents) {
    for (const field of content.fields) {
      field.channels.forEach(({ name }, level) => {
        groups.set(name, [...(groups.get(name) ?? []), { content, field, level }]);
      });
    }
  }
  const named = [...groups.values()].flatMap((sources): NamedChannel[] => {
    const channelOf = ({ field, level }: Source) => field.channels[level];
    sources.sort((a, b) => a.content.times![0] - b.content.times![0]);
    const clash = sources.some((source, i) => i > 0 && source.content.times![0] <= last(sources[i - 1]));
    if (!clash) return [{ channel: channelOf(sources[0]), sources }];
    return sources.map(source => {
      const stem = source.content.file.name.replace(/\.[^.]*$/, '');
      const channel = channelOf(source);
      return {
        channel: { ...channel, name: `${channel.name}_${stem}`, longName: `${channel.longName} (${stem})` },
        sources: [source],
      };
    });
  });
  const names = named.map(({ channel }) => channel.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new DataError(
      `Two files hold ${twice} for the same times and have the same name. Give each file once.`,
    );
  }
  return named;
}

const last = ({ content }: Source) => content.times![content.times!.length - 1];

function chooseChannels(
  named: readonly NamedChannel[],
  contents: readonly FileFields[],
  variables: readonly string[] | undefined,
): readonly NamedChannel[] {
  const matches = ({ name, variable }: Channel, wanted: string) => wanted === name || wanted === variable;
  const all = [
    ...named.map(({ channel }) => channel),
    ...contents.flatMap(content => content.statics.flatMap(field => field.channels)),
  ];
  const unknown = variables?.find(wanted => !all.some(channel => matches(channel, wanted)));
  if (unknown !== undefined) {
    throw new DataError(
      `No variable ${unknown} on the grid; there are ${all.map(channel => channel.name).join(', ') || 'none'}.`,
    );
  }
  const chosen = variables
    ? named.filter(({ channel }) => variables.some(wanted => matches(channel, wanted)))
    : named;
  if (chosen.length > 0) return chosen;
  const timeless = contents.find(content => !content.times) ?? contents[0];
  const { file } = timeless;
  throw new DataError(
    timeless.times
      ? `${file.name} has no variable with time, latitude and longitude; it has ${[...file.variables.keys()].join(', ')}.`
      : `${file.name} has no time axis: a coordinate variable with units such as "hours since 2001-01-01", or named time. Its dimensions are ${[...file.dimensions.keys()].join(', ')}.`,
  );
}

/** The steps of all channels together, which must be equally spaced. */
function timeAxis(named: readonly NamedChannel[]) {
  const contents = new Set(named.flatMap(({ sources }) => sources.map(source => source.content)));
  const sorted = Float64Array.from([...contents].flatMap(content => Array.from(content.times!))).sort();
  const times = sorted.filter((time, i) => i === 0 || time > sorted[i - 1]);
  return equalSteps(times, [...contents].map(content => content.file.name).join(', '));
}

function checkCoverage(channel: Channel, sources: readonly Source[], times: Float64Array): void {
  const covered = sources.reduce((sum, { content }) => sum + content.times!.length, 0);
  if (covered === times.length) return;
  throw new DataError(
    `${channel.name} has ${covered} steps (${isoTime(sources[0].content.times![0])} to ${isoTime(last(sources[sources.length - 1]))}), but the files together have ${times.length} (${isoTime(times[0])} to ${isoTime(times[times.length - 1])}). Give every variable for the same times.`,
  );
}

function allocate(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length).fill(Number.NaN);
  } catch {
    throw new DataError(
      `The data need ${((length * 4) / 2 ** 30).toFixed(1)} GiB of memory, more than one array may have here. Use fewer variables, levels or steps.`,
    );
  }
}

/** Puts the steps, channels, rows and columns of one field at their places in [step, channel, row, column]. */
function scatterField(
  { file, grid }: FileFields,
  field: GridField,
  stepOffsets: ArrayLike<number>,
  channelOffsets: ArrayLike<number>,
  out: Float32Array,
): void {
  const width = grid.longitude.length;
  const offsets = {
    time: stepOffsets,
    level: channelOffsets,
    latitude: grid.latitude.map((_, row) => row * width),
    longitude: grid.columnOf,
    // Without a level dimension, the one channel's place comes with the dimension of size 1, or below.
    single: [0],
  };
  const along = field.roles.map(role => offsets[role]);
  const shift = field.roles.includes('level') ? 0 : channelOffsets[0];
  scatter(file, field.variable, along, shift > 0 ? out.subarray(shift) : out);
}

/** Missing values by channel. */
function countMissing(values: Float32Array, channels: number, points: number): number[] {
  const counts = new Array<number>(channels).fill(0);
  for (let i = 0, block = 0; i < values.length; block++) {
    let count = 0;
    for (const end = i + points; i < end; i++) if (Number.isNaN(values[i])) count++;
    counts[block % channels] += count;
  }
  return counts;
}

function readStatics(
  contents: readonly FileFields[],
  variables: readonly string[] | undefined,
): readonly StaticField[] {
  const statics = new Map<string, StaticField>();
  for (const content of contents) {
    const points = content.grid.latitude.length * content.grid.longitude.length;
    for (const field of content.statics) {
      const all = new Float32Array(field.channels.length * points).fill(Number.NaN);
      scatterField(
        content,
        field,
        [],
        field.channels.map((_, level) => level * points),
        all,
      );
      field.channels.forEach((channel, level) => {
        const wanted = variables?.some(v => v === channel.name || v === channel.variable) ?? true;
        if (!wanted || statics.has(channel.name)) return;
        statics.set(channel.name, { channel, values: all.slice(level * points, (level + 1) * points) });
      });
    }
  }
  return [...statics.values()];
}

/** The files' titles, where they have one, and their names. */
function describe(contents: readonly FileFields[]): string {
  const titles = new Set(contents.map(({ file }) => file.attributes.get('title')).filter(Boolean));
  const names = contents.map(({ file }) => file.name).join(', ');
  return titles.size > 0 ? `${[...titles].join('; ')} (${names})` : names;
}
