/** What Isobar sees of data before anything is trained on them: read once from end to end, a part at a time. */
import type { BoxedSource } from '../../data/boxed-source.ts';
import { gapsOf } from '../../data/cf/steps.ts';
import type { BoxedChoice } from '../../data/choice/choice.ts';
import type { Channel, Dataset } from '../../data/dataset.ts';
import { openBoxed } from '../../data/open-boxed.ts';
import { membersOf } from '../../data/record-axis.ts';
import type { DataBox } from '../../data/slice.ts';
import type { LeftOut, StoredVariable } from '../../data/source-about.ts';
import { isoTime } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { leftOut, type Parts, samplesOf, splitTime } from './split.ts';
import { windowWords } from './stream/windows.ts';
import type { TaskOptions } from './task.ts';

export interface ChannelSheet {
  readonly name: string;
  readonly longName: string;
  readonly units: string;
  readonly levelHPa?: number;
  /** Of all values, 0 to 1. */
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
  /** Sentences on what the ranks of a mesh would read more than once, and on how samples would be drawn. */
  readonly reading: readonly string[];
}

/** What of a forecast decides which samples there are. */
export type SampleOptions = Pick<TaskOptions, 'split' | 'inputSteps' | 'leadSteps'>;

/** Whether the options of a task are those of a forecast. */
export const isForecast = (options: object): options is SampleOptions =>
  'split' in options && 'inputSteps' in options && 'leadSteps' in options;

/** Bytes of fields that are held at once. */
const PART_BYTES = 2 ** 26;

/**
 * @param mesh rows and columns of ranks that would share the data
 * @throws DataError where the data cannot be used
 */
export async function dataSheet(
  choice: BoxedChoice,
  options: SampleOptions,
  mesh: { readonly rows: number; readonly columns: number },
): Promise<DataSheet> {
  const source = await openBoxed(choice);
  const { fields, about } = source;
  const { channels, latitude, longitude, times, calendar, stepHours, stepMonths, members } = fields;
  const measured = channels.map(() => new Moments());
  const { statics, known, bytesRead, absentChunks } = await sweep(source, measured);
  const points = latitude.length * longitude.length;
  const text = (time: number) => isoTime(time, calendar);
  const copies = membersOf(fields);
  const [firstRow, lastRow] = [latitude[0], latitude[latitude.length - 1]];
  return {
    source: about?.source ?? choice.kind,
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
      periodic: isPeriodic(fields.longitude),
    },
    channels: channels.map((channel, c) => measured[c].sheet(channel, times.length * points)),
    statics: statics.map(({ channel, values }) => {
      const moments = new Moments();
      values.forEach(value => {
        moments.add(value);
      });
      return moments.sheet(channel, points);
    }),
    leftOut: about?.leftOut ?? [],
    absentChunks,
    split: splitSheet({ ...fields, values: known, hasMissing: true }, options),
    storage: about?.storage ?? [],
    bytesRead,
    reading: [
      ...source.describeSplit(boxesOf(source, mesh)),
      windowWords({ ...fields, options }) ?? [],
    ].flat(),
  };
}

/** A whole circle: see `Dataset.periodic`. */
function isPeriodic(longitude: Float64Array): boolean {
  const spacing = longitude.length > 1 ? longitude[1] - longitude[0] : 360;
  const gap = longitude[0] + 360 - longitude[longitude.length - 1];
  return Math.abs(gap - spacing) < 0.01 * spacing;
}

/** Mean and variance in one pass (Welford, 1962), of the known values. */
class Moments {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    if (Number.isNaN(value)) return;
    const delta = value - this.#mean;
    this.#mean += delta / ++this.#count;
    this.#squares += delta * (value - this.#mean);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  sheet({ name, longName, units, levelHPa }: Channel, values: number): ChannelSheet {
    const some = this.#count > 0;
    return {
      name,
      longName,
      units,
      levelHPa,
      known: this.#count / values,
      mean: some ? this.#mean : null,
      std: some ? Math.sqrt(this.#squares / this.#count) : null,
      min: some ? this.#min : null,
      max: some ? this.#max : null,
    };
  }
}

interface Swept {
  readonly statics: Dataset['statics'];
  /** One a record: no number where nothing of it is known. */
  readonly known: Float32Array;
  readonly bytesRead: number;
  readonly absentChunks: number;
}

async function sweep({ fields, read }: BoxedSource, measured: readonly Moments[]): Promise<Swept> {
  const { channels, latitude, longitude, times } = fields;
  const points = latitude.length * longitude.length;
  const copies = membersOf(fields);
  const perTime = 4 * copies * channels.length * points;
  const atOnce = Math.max(1, Math.floor(PART_BYTES / perTime)) * copies;
  const known = new Float32Array(times.length).fill(Number.NaN);
  let statics: Dataset['statics'] = [];
  let [bytesRead, absentChunks] = [0, 0];
  for (let from = 0; from < times.length; from += atOnce) {
    const to = Math.min(times.length, from + atOnce);
    const box: DataBox = {
      channels: channels.map((_, c) => c),
      statics: from === 0 ? Array.from({ length: fields.statics }, (_, s) => s) : [],
      latitudeFrom: 0,
      latitudeTo: latitude.length,
      timeFrom: from,
      timeTo: to,
    };
    const part = await read(box);
    const { values } = part.dataset;
    if (from === 0) statics = part.dataset.statics;
    bytesRead += part.bytesRead;
    absentChunks += part.absentChunks ?? 0;
    for (let at = 0, block = 0; at < values.length; block++) {
      const record = from + Math.floor(block / channels.length);
      const moments = measured[block % channels.length];
      for (const end = at + points; at < end; at++) {
        moments.add(values[at]);
        if (!Number.isNaN(values[at])) known[record] = 0;
      }
    }
  }
  return { statics, known, bytesRead, absentChunks };
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
