/** What Isobar sees of data before anything is trained on them, as plain values, for page and terminal alike. */
import type { BoxedSource } from '../../data/boxed-source.ts';
import { type FieldsChoice, partIn } from '../../data/choice/choice.ts';
import { partWords } from '../../data/choice/part.ts';
import { syntheticTask } from '../../data/choice/synthetic.ts';
import { goesRound } from '../../data/chosen-axes.ts';
import type { Channel } from '../../data/dataset.ts';
import { gapsOf } from '../../data/gaps.ts';
import { openFields } from '../../data/open-fields.ts';
import { membersOf } from '../../data/record-axis.ts';
import type { DataBox } from '../../data/slice.ts';
import type { LeftOut, StoredVariable } from '../../data/source-about.ts';
import { isoTime } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import type { SampleOptions } from './sample-options.ts';
import { Moments, type Swept, sweep } from './sheet-sweep.ts';
import { leftOut, type Parts, samplesOf, splitTime } from './split.ts';
import { windowWords } from './stream/windows.ts';

export interface ChannelSheet {
  readonly name: string;
  readonly longName: string;
  readonly units: string;
  readonly levelHPa?: number;
  /** Of all values that were read, 0 to 1. */
  readonly known: number;
  /** Of the known values, in `units`; none where none is known. */
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

export interface PartSheet {
  /** First and last time; none where it is empty. */
  readonly from: string | null;
  readonly to: string | null;
  readonly samples: number;
  /** Samples that would cross a gap in time. */
  readonly leftOut: number;
}

export interface DataSheet {
  readonly source: string;
  readonly format: string;
  /** What of it was chosen, in words; empty where it is all. */
  readonly chosen: readonly string[];
  readonly sizes: {
    readonly times: number;
    readonly members: number;
    readonly channels: number;
    readonly statics: number;
    readonly rows: number;
    readonly columns: number;
  };
  readonly time: {
    readonly calendar: string;
    readonly first: string;
    readonly last: string;
    readonly stepHours: number;
    readonly stepMonths?: number;
    readonly gaps: readonly { readonly after: string; readonly before: string; readonly lacking: number }[];
  };
  /** Numbers of an ensemble's members. */
  readonly members?: readonly number[];
  readonly grid: {
    readonly latitude: readonly [first: number, last: number];
    readonly longitude: readonly [first: number, last: number];
    readonly direction: 'south to north' | 'north to south' | 'one row';
    readonly periodic: boolean;
  };
  readonly channels: readonly ChannelSheet[];
  readonly statics: readonly ChannelSheet[];
  readonly leftOut: readonly LeftOut[];
  /** Chunks that a store does not have. */
  readonly absentChunks: number;
  readonly split: Readonly<Record<keyof Parts, PartSheet>> | { readonly fault: string };
  readonly storage: readonly StoredVariable[];
  readonly bytesRead: number;
  /** Of all fields in memory. */
  readonly bytes: number;
  /** Times that values are told of: all of `sizes.times`, or a sample of them. */
  readonly timesRead: number;
  /** Share of the records that they are, 0 to 1. */
  readonly read: number;
  /** Sentences on what the ranks of a mesh would read more than once, and on how samples would be drawn. */
  readonly reading: readonly string[];
}

/** Pictures of the data: a field, and where values are missing. */
export interface SheetMaps {
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  /** The first of which anything is known; its time is an ISO one. */
  readonly first?: { readonly channel: Channel; readonly time: string; readonly values: Float32Array };
  /** Share of the values at a point that are missing, of all channels and records, [latitude, longitude]; absent where none is. */
  readonly missing?: Float32Array;
}

export interface SheetReading {
  readonly sheet: DataSheet;
  readonly maps: SheetMaps;
}

export interface SheetLimits {
  /** Bytes of fields in memory: of data that have more a sample is read. All where absent. */
  readonly most?: number;
  /** Of what has been read up to then, a few times a second. */
  readonly told?: (reading: SheetReading) => void;
}

/** Milliseconds between two readings that are told. */
const TOLD_EVERY = 300;

/**
 * @param mesh rows and columns of ranks that would share the data
 * @throws DataError where the data cannot be used
 */
export async function dataSheet(
  choice: FieldsChoice,
  options: SampleOptions,
  mesh: { readonly rows: number; readonly columns: number },
  { most = Number.POSITIVE_INFINITY, told }: SheetLimits = {},
): Promise<SheetReading> {
  const source = await openFields(choice);
  const wanted = choice.kind === 'synthetic' ? { ...options, ...syntheticTask } : options;
  const chosen = partWords(partIn(choice));
  const reading = [
    ...source.describeSplit(boxesOf(source, mesh)),
    windowWords({ ...source.fields, options: wanted }) ?? [],
  ].flat();
  const readingOf = (found: Swept): SheetReading => ({
    sheet: { ...sheetOf(source, found, wanted), source: nameOf(choice, source), chosen, reading },
    maps: mapsOf(source, found),
  });
  let next = performance.now() + TOLD_EVERY;
  return readingOf(
    await sweep(source, most, found => {
      if (!told || performance.now() < next) return;
      next = performance.now() + TOLD_EVERY;
      told(readingOf(found));
    }),
  );
}

function nameOf({ kind }: FieldsChoice, { about }: BoxedSource): string {
  if (about) return about.source;
  return kind === 'embedded' ? 'The embedded model atmosphere' : 'Synthetic waves';
}

function sheetOf(
  { fields, about }: BoxedSource,
  found: Swept,
  options: SampleOptions,
): Omit<DataSheet, 'source' | 'chosen' | 'reading'> {
  const { channels, latitude, longitude, times, calendar, stepHours, stepMonths, members } = fields;
  const points = latitude.length * longitude.length;
  const text = (time: number) => isoTime(time, calendar);
  const copies = membersOf(fields);
  const [firstRow, lastRow] = [latitude[0], latitude[latitude.length - 1]];
  return {
    format: about?.format ?? 'computed',
    sizes: {
      times: times.length / copies,
      members: copies,
      channels: channels.length,
      statics: fields.statics,
      rows: latitude.length,
      columns: longitude.length,
    },
    time: {
      calendar: calendar ?? 'standard',
      first: text(times[0]),
      last: text(times[times.length - 1]),
      stepHours,
      stepMonths,
      gaps: gapsOf(fields).map(({ after, before, lacking }) => ({
        after: text(times[after]),
        before: text(times[before]),
        lacking,
      })),
    },
    members,
    grid: {
      latitude: [firstRow, lastRow],
      longitude: [longitude[0], longitude[longitude.length - 1]],
      direction: firstRow < lastRow ? 'south to north' : firstRow > lastRow ? 'north to south' : 'one row',
      periodic: goesRound(longitude),
    },
    channels: channels.map((channel, c) => channelSheet(channel, found.channels[c], found.read * points)),
    statics: found.statics.map(({ channel, values }) => {
      const moments = new Moments();
      values.forEach(value => {
        moments.add(value);
      });
      return channelSheet(channel, moments, points);
    }),
    leftOut: about?.leftOut ?? [],
    absentChunks: found.absentChunks,
    split: splitSheet({ ...fields, values: found.known, hasMissing: true }, options),
    storage: about?.storage ?? [],
    bytesRead: found.bytesRead,
    bytes: 4 * times.length * channels.length * points,
    timesRead: found.read / copies,
    read: found.read / times.length,
  };
}

function channelSheet(
  { name, longName, units, levelHPa }: Channel,
  moments: Moments,
  values: number,
): ChannelSheet {
  const some = moments.count > 0;
  return {
    name,
    longName,
    units,
    levelHPa,
    known: moments.count / values,
    mean: some ? moments.mean : null,
    std: some ? moments.deviation : null,
    min: some ? moments.min : null,
    max: some ? moments.max : null,
  };
}

function mapsOf({ fields }: BoxedSource, { first, missing, read }: Swept): SheetMaps {
  const { latitude, longitude, channels, times, calendar } = fields;
  const values = channels.length * read;
  return {
    latitude,
    longitude,
    first: first && {
      channel: channels[first.channel],
      time: isoTime(times[first.record], calendar),
      values: first.values,
    },
    missing: missing.some(Boolean) ? Float32Array.from(missing, n => n / values) : undefined,
  };
}

function splitSheet(recorded: Parameters<typeof samplesOf>[0], options: SampleOptions): DataSheet['split'] {
  try {
    const parts = splitTime(recorded, options);
    const sheet = (name: keyof Parts): PartSheet => {
      const { from, to } = parts[name];
      const text = (record: number) =>
        from < to ? isoTime(recorded.times[record], recorded.calendar) : null;
      return {
        from: text(from),
        to: text(to - 1),
        samples: samplesOf(recorded, name, parts[name], options).length,
        leftOut: leftOut(recorded, parts[name], options),
      };
    };
    return { train: sheet('train'), validation: sheet('validation'), test: sheet('test') };
  } catch (error) {
    if (error instanceof DataError) return { fault: error.message };
    throw error;
  }
}

/** Bands of rows and blocks of channels, as even as they come. */
function boxesOf(
  { fields }: BoxedSource,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): DataBox[] {
  const cut = (size: number, parts: number, part: number) => Math.round((size * part) / parts);
  return Array.from({ length: rows * columns }, (_, rank): DataBox => {
    const [r, q] = [Math.floor(rank / columns), rank % columns];
    const [from, to] = [q, q + 1].map(part => cut(fields.channels.length, columns, part));
    return {
      channels: Array.from({ length: to - from }, (_, i) => from + i),
      statics: [],
      latitudeFrom: cut(fields.latitude.length, rows, r),
      latitudeTo: cut(fields.latitude.length, rows, r + 1),
    };
  });
}
