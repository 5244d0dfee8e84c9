/**
 * What NetCDF files hold together, told from their headers and axes. Files with the same variables and other times
 * follow each other; files with other variables and the same times become further channels. Fields without time
 * become statics.
 */

import { isoTime } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { count } from '../../io/number-text.ts';
import { type HorizontalGrid, SAME_DEGREES } from '../cf/axes.ts';
import { type TimeSteps, timeSteps } from '../cf/steps.ts';
import type { DataPart } from '../choice/choice.ts';
import { commonMembers, type MemberChoice } from '../choice/members.ts';
import type { Channel } from '../dataset.ts';
import { type FileFields, type GridField, readFields } from './fields.ts';
import type { NetcdfFile } from './file.ts';

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

interface NamedStatic extends Source {
  readonly channel: Channel;
}

/** What files hold together, told from their headers and axes. */
export interface NetcdfDescription {
  readonly source: string;
  readonly contents: readonly FileFields[];
  readonly channels: readonly NamedChannel[];
  readonly statics: readonly NamedStatic[];
  readonly grid: HorizontalGrid;
  readonly time: TimeSteps;
  readonly ensemble: MemberChoice;
}

/** What of the files is wanted: variables by the names of NetCDF variables or of channels. */
export type NetcdfPart = Pick<DataPart, 'member' | 'variables'>;

/** @throws DataError where the files do not fit together */
export function describeNetcdf(
  files: readonly NetcdfFile[],
  { variables, member }: NetcdfPart = {},
): NetcdfDescription {
  if (files.length === 0) throw new DataError('No file was given.');
  const contents = files.map(readFields);
  for (const content of contents) checkSameGrid(contents[0], content);
  const channels = chooseChannels(nameChannels(contents), contents, variables);
  const time = timeAxis(channels);
  for (const { channel, sources } of channels) checkCoverage(channel, sources, time);
  return {
    source: describe(contents),
    contents,
    channels,
    statics: chooseStatics(contents, variables),
    grid: contents[0].grid,
    time,
    ensemble: commonMembers(
      channels.flatMap(({ channel, sources }) =>
        sources.map(({ content, field }) => ({ name: channel.name, file: content.file.name, ...field })),
      ),
      member,
    ),
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
    sources.sort((a, b) => first(a) - first(b));
    const clash = sources.some((source, i) => i > 0 && first(source) <= last(sources[i - 1]));
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

const first = ({ content }: Source) => content.times!.reduce((a, b) => Math.min(a, b));
const last = ({ content }: Source) => content.times!.reduce((a, b) => Math.max(a, b));

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

/** The steps of all channels together. */
function timeAxis(named: readonly NamedChannel[]): TimeSteps {
  const contents = [...new Set(named.flatMap(({ sources }) => sources.map(source => source.content)))];
  const times = Float64Array.from(contents.flatMap(content => Array.from(content.times!)));
  const names = contents.map(content => content.file.name).join(', ');
  const [{ calendar }] = contents;
  // Dates after 1582 are the same in both.
  const isGregorian = ({ calendar: other }: FileFields) => /standard|proleptic/.test(other);
  const other = contents.find(content => content.calendar !== calendar);
  if (other && !contents.every(isGregorian)) {
    throw new DataError(
      `The files count time in different calendars: ${contents[0].file.name} in ${calendar}, ${other.file.name} in ${other.calendar}. Use files of one calendar.`,
    );
  }
  return timeSteps(times, calendar, names);
}

function checkCoverage(
  channel: Channel,
  sources: readonly Source[],
  { times, calendar, stepOf }: TimeSteps,
): void {
  const covered = new Set(sources.flatMap(({ content }) => Array.from(content.times!, stepOf))).size;
  if (covered === times.length) return;
  throw new DataError(
    `${channel.name} has ${count(covered)} steps (${isoTime(first(sources[0]), calendar)} to ${isoTime(last(sources[sources.length - 1]), calendar)}), but the files together have ${count(times.length)} (${isoTime(times[0], calendar)} to ${isoTime(times[times.length - 1], calendar)}). Give every variable for the same times.`,
  );
}

function chooseStatics(
  contents: readonly FileFields[],
  variables: readonly string[] | undefined,
): readonly NamedStatic[] {
  const statics = new Map<string, NamedStatic>();
  for (const content of contents) {
    for (const field of content.statics) {
      field.channels.forEach((channel, level) => {
        const wanted = variables?.some(v => v === channel.name || v === channel.variable) ?? true;
        if (!wanted || statics.has(channel.name)) return;
        statics.set(channel.name, { channel, content, field, level });
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
