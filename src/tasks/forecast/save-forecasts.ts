/** Makes forecasts and writes them into a file as they come: see `forecast-file.ts`. */
import type { Progress } from '../../data/dataset.ts';
import { membersOf } from '../../data/record-axis.ts';
import { addMonths, isoTime } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { leadTime } from '../../io/number-text.ts';
import type { WriteAt } from '../../io/write-at.ts';
import type { Predictor } from '../predictor.ts';
import type { ForecastRequest, SavedForecasts } from '../task.ts';
import { startForecastFile } from './forecast-file.ts';
import { canRollOut, evenly, rollOut } from './roll-out.ts';
import type { ForecastOptions, ForecastTask } from './task.ts';

/** Forecasts that are made together: those whose inputs are in memory. */
export interface ForecastPart {
  readonly task: ForecastTask;
  /** Records of the newest inputs, all members of each time. */
  readonly records: readonly number[];
}

/** What the file says of what made it. */
export interface ForecastOrigin {
  readonly title: string;
  readonly source: string;
  readonly comment?: string;
}

/** Model steps ahead that are asked for. @throws DataError where there is none */
export function stepsAhead(
  { leads }: Pick<ForecastRequest, 'leads'>,
  task: Pick<ForecastTask, 'dataset' | 'options'>,
  scoredSteps: readonly number[],
): number {
  const { stepHours, stepMonths } = task.dataset;
  const { inputSteps, leadSteps } = task.options;
  const isAlone = !canRollOut(task);
  if (!leads) return isAlone ? 1 : Math.max(1, ...scoredSteps);
  const oneStep = leadTime(stepHours * leadSteps);
  if (stepMonths && leads.unit === 'hours') {
    throw new DataError(
      `The data have steps of ${leadTime(stepHours)}: give leads in months, such as 3 months.`,
    );
  }
  if (!stepMonths && leads.unit === 'months') {
    throw new DataError(`The data have steps of ${leadTime(stepHours)}: give leads in hours or days.`);
  }
  const steps = Math.floor(leads.value / ((stepMonths ?? stepHours) * leadSteps) + 1e-9);
  if (steps < 1) {
    throw new DataError(`The model forecasts ${oneStep} ahead in a step: ask for that or more.`);
  }
  if (isAlone && steps > 1) {
    throw new DataError(
      `The model takes ${inputSteps} states that follow each other and forecasts ${oneStep} ahead, which does not follow them: its forecasts cannot be fed back, so ${oneStep} is all there is.`,
    );
  }
  return steps;
}

/** The starts that a test score is taken over, with all members of each. */
export function scoredRecords(
  { dataset, test }: Pick<ForecastTask, 'dataset' | 'test'>,
  { scoredStarts }: Pick<ForecastOptions, 'scoredStarts'>,
): number[] {
  return withAllMembers(evenly([...test], scoredStarts), membersOf(dataset));
}

/** All members of the times of some records. */
export function withAllMembers(records: readonly number[], members: number): number[] {
  const times = [...new Set(records.map(record => Math.floor(record / members)))].sort((a, b) => a - b);
  return times.flatMap(time => Array.from({ length: members }, (_, i) => time * members + i));
}

/**
 * Points that were never known in training are missing in the file.
 *
 * @param starts initial times of all parts together, ascending
 * @param steps model steps ahead
 * @throws DataError where there is no start
 */
export async function saveForecasts(
  model: Predictor,
  like: Pick<ForecastTask, 'dataset' | 'options'>,
  parts: AsyncIterable<ForecastPart> | Iterable<ForecastPart>,
  {
    starts,
    steps,
    format,
  }: { readonly starts: readonly number[]; readonly steps: number } & Pick<ForecastRequest, 'format'>,
  { title, source, comment }: ForecastOrigin,
  write: WriteAt,
  progress: Progress,
): Promise<SavedForecasts> {
  const { dataset, options } = like;
  const { channels, latitude, longitude, calendar = 'standard', members, stepHours, stepMonths } = dataset;
  if (starts.length === 0) throw new DataError('There is no start to forecast from.');
  const ofStep = (stepMonths ?? stepHours) * options.leadSteps;
  const leads = Array.from({ length: steps }, (_, i) => (i + 1) * ofStep);
  const validTime = (start: number, lead: number) =>
    stepMonths ? addMonths(start, lead, calendar) : start + lead * 3_600_000;
  const leadUnits = stepMonths ? 'months' : 'hours';
  const about = { Conventions: 'CF-1.10', title, source, ...(comment && { comment }) };
  const grid = { channels, latitude, longitude, calendar, members };
  const file = await startForecastFile(
    format,
    { ...grid, starts, leads, leadUnits, validTime, about },
    write,
  );
  const startOf = new Map(starts.map((time, i) => [time, i]));
  const copies = membersOf(dataset);
  const wanted = new Set(leads.map((_, i) => i + 1));
  let made = 0;
  for await (const { task, records } of parts) {
    const { times } = task.dataset;
    // Where nothing was known in training, the climatology is no number.
    const unknown = unknownPoints(task);
    for await (const { time, step, state } of rollOut(model, task, records, wanted, model.forecastBatch)) {
      const start = startOf.get(times[time]);
      if (start === undefined) throw new RangeError(`Record ${time} is no start of this file.`);
      const values = task.denormaliseAt(state, validTime(times[time], leads[step - 1]));
      for (const p of unknown) values[p] = Number.NaN;
      await file.add(start, time % copies, step - 1, values);
      if (step === steps) {
        made++;
        progress('Forecasting', made / (starts.length * copies));
      }
    }
  }
  return {
    starts: starts.length,
    first: isoTime(starts[0], calendar),
    last: isoTime(starts[starts.length - 1], calendar),
    members: copies,
    leads: steps,
    longest: leadTime(stepHours * options.leadSteps * steps),
    names: channels.map(({ name }) => name),
  };
}

/** In [channel, latitude, longitude]. */
function unknownPoints({ normalisation, dataset }: ForecastTask): number[] {
  const points = dataset.channels.length * dataset.latitude.length * dataset.longitude.length;
  const unknown: number[] = [];
  for (let p = 0; p < points; p++) if (Number.isNaN(normalisation.climatology[p])) unknown.push(p);
  return unknown;
}
