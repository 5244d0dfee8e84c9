/**
 * The records of a data set, in time order. Of an ensemble, the members of one time follow each other, so that a part of the
 * time is a run of records and holds all members of each of its times; what is one step later lies as many records further
 * as there are members. Steps may be lacking: what would cross a gap is no forecast.
 */
import { addMonths, type Calendar } from '../io/calendar.ts';

export interface RecordAxis {
  /** Milliseconds since 1970-01-01T00:00Z, in the calendar, of every record: see `io/calendar.ts`. */
  readonly times: Float64Array;
  /** From one step to the next; of months, `MONTH_HOURS` each. */
  readonly stepHours: number;
  /** `standard` where absent. */
  readonly calendar?: Calendar;
  /** Months of a step, where its length in days differs. */
  readonly stepMonths?: number;
  /** The number of every record's step, from any start, where steps are lacking; else they follow each other. */
  readonly steps?: Int32Array;
  /** Numbers of an ensemble's members, two or more; absent where there is one record a time. */
  readonly members?: readonly number[];
}

/** Records of one time. */
export const membersOf = ({ members }: Pick<RecordAxis, 'members'>): number => members?.length ?? 1;

/** What all records share. */
export function axisOf({ stepHours, calendar, stepMonths, members }: Omit<RecordAxis, 'times'>) {
  return { stepHours, calendar, stepMonths, members };
}

/** The records from one (included) to another (not included). */
export function sliceAxis(axis: RecordAxis, from: number, to: number): RecordAxis {
  return { ...axisOf(axis), times: axis.times.slice(from, to), steps: axis.steps?.slice(from, to) };
}

/** The record so many steps later, or earlier, of the same member; undefined where the record or a step between is lacking. */
export function recordAhead(
  { times, steps, members }: Pick<RecordAxis, 'times' | 'steps' | 'members'>,
  record: number,
  ahead: number,
): number | undefined {
  const other = record + ahead * (members?.length ?? 1);
  if (!(other >= 0 && other < times.length)) return undefined;
  return steps && steps[other] - steps[record] !== ahead ? undefined : other;
}

/** The time of a record, or of one that would follow the last. */
export function timeOfRecord(axis: RecordAxis, record: number): number {
  const { times, stepHours, stepMonths, calendar } = axis;
  if (record < times.length) return times[record];
  const beyond = Math.floor((record - times.length) / membersOf(axis)) + 1;
  const last = times[times.length - 1];
  return stepMonths ? addMonths(last, beyond * stepMonths, calendar) : last + beyond * stepHours * 3_600_000;
}

/** The records of an ensemble of which every member has these times. */
export function withMembers(axis: RecordAxis, members: readonly number[] | undefined): RecordAxis {
  const { times, steps } = axis;
  if (!members) return { ...axisOf(axis), times, steps };
  const repeated = (_: unknown, record: number) => Math.floor(record / members.length);
  const length = times.length * members.length;
  return {
    ...axisOf(axis),
    times: Float64Array.from({ length }, (_, record) => times[repeated(_, record)]),
    steps: steps && Int32Array.from({ length }, (_, record) => steps[repeated(_, record)]),
    members,
  };
}
