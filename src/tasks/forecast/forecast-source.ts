/**
 * What forecasts of a trained model start from, wherever the data lie: nothing but the records that they need is read, so
 * many at a time as fit into the memory that is set aside, and nothing of them is learned from. How inputs are normalised is
 * known from the training.
 */
import type { FieldsChoice } from '../../data/choice/choice.ts';
import { syntheticTask } from '../../data/choice/synthetic.ts';
import type { Dataset, Progress, SourceFields } from '../../data/dataset.ts';
import { openFields } from '../../data/open-fields.ts';
import { membersOf, recordAhead } from '../../data/record-axis.ts';
import type { DataBox } from '../../data/slice.ts';
import { isoDay, parseDay } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { count, leadTime, list } from '../../io/number-text.ts';
import type { Frame } from '../../models/model.ts';
import type { ForecastRequest } from '../task.ts';
import { plannedForecast } from './frame.ts';
import { POSITION_FIELDS, withPosition } from './guides.ts';
import type { KnownNormalisation } from './known-normalisation.ts';
import { checkOptions, taskOf } from './make-task.ts';
import { evenly } from './roll-out.ts';
import { type ForecastPart, withAllMembers } from './save-forecasts.ts';
import { samplesOf, splitTime } from './split.ts';
import type { ForecastOptions, ForecastTask } from './task.ts';

/** Bytes of records that are in memory at once. */
const PART_BYTES = 2 ** 27;

export interface ForecastSource {
  /** As the model sees the data. */
  readonly frame: Frame;
  /** Of the first record. */
  readonly like: ForecastTask;
  readonly source: string;
  readonly synthetic: boolean;
  /** Initial times, milliseconds since 1970 of the calendar, ascending. */
  readonly starts: readonly number[];
  /** Of all starts, in order. */
  parts(): AsyncIterable<ForecastPart>;
}

/**
 * @param names of the channels that the model forecasts, in its order
 * @throws DataError where the data are not what the model was trained on
 */
export async function openForecastSource(
  choice: FieldsChoice,
  preset: ForecastOptions,
  names: readonly string[],
  known: KnownNormalisation,
  { from, to, starts: wanted }: ForecastRequest,
  progress: Progress,
): Promise<ForecastSource> {
  const options = choice.kind === 'synthetic' ? { ...preset, ...syntheticTask } : preset;
  const source = await openFields(choice, progress);
  const { fields } = source;
  const read = async (part: DataBox) => (await source.read(part)).dataset;
  const { latitude, longitude, times } = fields;
  const statics = known.normalisation.staticMean.length - (options.positionInputs ? POSITION_FIELDS : 0);
  checkFields(fields, names, statics, known);
  checkOptions(fields, options);
  const channels = names.map(name => fields.channels.findIndex(channel => channel.name === name));
  const copies = membersOf(fields);
  const box = {
    channels,
    statics: Array.from({ length: statics }, (_, s) => s),
    latitudeFrom: 0,
    latitudeTo: latitude.length,
  };
  const perTime = 4 * copies * channels.length * latitude.length * longitude.length;
  const atOnce = Math.max(1, Math.floor(PART_BYTES / perTime)) * copies;

  const readTask = async (timeFrom: number, timeTo: number) => {
    const given = await read({ ...box, timeFrom, timeTo });
    const dataset = options.positionInputs ? withPosition(given) : given;
    const none = new Int32Array();
    return taskOf(dataset, options, {
      normalisation: known.normalisation,
      train: none,
      validation: none,
      test: none,
    });
  };
  const records =
    wanted === 'scored'
      ? await scoredStarts(fields, options, read, box, atOnce)
      : startsBetween(fields, options, from, to);
  const first = await readTask(0, copies);
  return {
    frame: plannedForecast(options, {
      channels: channels.length,
      statics,
      rows: latitude.length,
      columns: longitude.length,
    }),
    like: first,
    source: first.dataset.source,
    synthetic: first.dataset.synthetic,
    starts: records.filter(record => record % copies === 0).map(record => times[record]),
    async *parts() {
      const before = (options.inputSteps - 1) * copies;
      const after = (options.leadSteps + 1) * copies;
      let next = 0;
      while (next < records.length) {
        let end = next + copies;
        // As many further times as fit beside the first.
        while (end < records.length && records[end] - records[next] + before + after <= atOnce) end += copies;
        const timeFrom = Math.max(0, records[next] - before);
        const timeTo = Math.min(times.length, records[end - copies] + after);
        const task = await readTask(timeFrom, timeTo);
        yield { task, records: records.slice(next, end).map(record => record - timeFrom) };
        next = end;
      }
    },
  };
}

/** @throws DataError saying what the data lack or have otherwise */
function checkFields(
  fields: SourceFields,
  names: readonly string[],
  statics: number,
  { normalisation, grid, steps }: KnownNormalisation,
): void {
  const { channels, latitude, longitude, stepHours, calendar = 'standard' } = fields;
  const has = channels.map(({ name }) => name);
  const lacking = names.filter(name => !has.includes(name));
  if (lacking.length > 0) {
    throw new DataError(
      `The data lack ${list(lacking)}, which the model forecasts from; they have ${list(has)}.`,
    );
  }
  if (fields.statics !== statics) {
    throw new DataError(
      `The data have ${count(fields.statics)} fields without time; the model was trained with ${count(statics)}. Give data with the same.`,
    );
  }
  const terms = 1 + 2 * normalisation.harmonics;
  const points = normalisation.climatology.length / terms / names.length;
  const own = `${latitude.length} x ${longitude.length}`;
  if (latitude.length * longitude.length !== points) {
    const trained = grid ? `${grid.latitude.length} x ${grid.longitude.length}` : `${count(points)} in all`;
    throw new DataError(
      `The data have ${own} points; the model was trained on ${trained}. Interpolate them to its grid: cdo remapbil.`,
    );
  }
  if (grid && !(areAlike(grid.latitude, latitude) && areAlike(grid.longitude, longitude))) {
    throw new DataError(
      `The points of the data lie elsewhere than those that the model was trained on: ${extent(latitude)} degrees north and ${extent(longitude)} east, not ${extent(grid.latitude)} and ${extent(grid.longitude)}. Interpolate them to its grid: cdo remapbil.`,
    );
  }
  if (steps && Math.abs(steps.stepHours - stepHours) > 1e-6 * stepHours) {
    throw new DataError(
      `The data have steps of ${leadTime(stepHours)}; the model was trained on steps of ${leadTime(steps.stepHours)}.`,
    );
  }
  if (steps && steps.calendar !== calendar && normalisation.harmonics > 0) {
    throw new DataError(
      `The data have the calendar ${calendar}; the model knows the seasons of ${steps.calendar}.`,
    );
  }
}

/** Degrees by which points may lie elsewhere: the known ones are in single precision. */
const SAME_PLACE = 1e-3;
const areAlike = (known: Float32Array, own: Float64Array) =>
  known.length === own.length && own.every((value, i) => Math.abs(value - known[i]) < SAME_PLACE);
const extent = (axis: ArrayLike<number>) =>
  `${Number(axis[0].toFixed(3))} to ${Number(axis[axis.length - 1].toFixed(3))}`;

/** Records whose inputs are there, of a run of days. @throws DataError where there is none */
function startsBetween(
  fields: SourceFields,
  { inputSteps }: ForecastOptions,
  from: string | undefined,
  to: string | undefined,
): number[] {
  const { times, calendar } = fields;
  const dayOf = (text: string | undefined, otherwise: number) => {
    if (text === undefined) return otherwise;
    const time = parseDay(text, calendar);
    if (!Number.isNaN(time)) return time;
    throw new DataError(
      `"${text}" is no date of the calendar ${calendar ?? 'standard'}, such as 2018-01-01.`,
    );
  };
  const [first, last] = [dayOf(from, Number.NEGATIVE_INFINITY), dayOf(to, Number.POSITIVE_INFINITY)];
  const found = Array.from(times, (_, record) => record).filter(
    record =>
      times[record] >= first &&
      times[record] < last &&
      recordAhead(fields, record, 1 - inputSteps) !== undefined,
  );
  if (found.length > 0) return found;
  throw new DataError(
    `The data have no start from ${from ?? 'their first day'} to ${to ?? 'their last'}: they run from ${isoDay(times[0], calendar)} to ${isoDay(times[times.length - 1], calendar)}, and a forecast takes ${inputSteps} ${inputSteps === 1 ? 'state' : 'states that follow each other'}.`,
  );
}

/** The starts that the run's test scores are of, with all members of each. */
async function scoredStarts(
  fields: SourceFields,
  options: ForecastOptions,
  read: (box: DataBox) => Promise<Dataset>,
  box: DataBox,
  atOnce: number,
): Promise<number[]> {
  const { test } = splitTime(fields, options);
  // One value a record: samples are told by which of them are known at all.
  const values = new Float32Array(fields.times.length).fill(Number.NaN);
  for (let timeFrom = test.from; timeFrom < test.to; timeFrom += atOnce) {
    const timeTo = Math.min(test.to, timeFrom + atOnce);
    const part = await read({ ...box, timeFrom, timeTo });
    const size = part.values.length / (timeTo - timeFrom);
    for (let record = timeFrom; record < timeTo; record++) {
      const at = (record - timeFrom) * size;
      if (part.values.subarray(at, at + size).some(value => !Number.isNaN(value))) values[record] = 0;
    }
  }
  const samples = samplesOf({ ...fields, values, hasMissing: true }, 'test', test, options);
  return withAllMembers(evenly([...samples], options.scoredStarts), membersOf(fields));
}
