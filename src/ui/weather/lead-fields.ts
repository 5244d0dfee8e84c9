/** What the weather shows at one lead of a roll-out, in the units of people: fields, scales that stay, errors. */
import type { RolloutView } from '../../session/api/api.ts';
import { type ColourScale, errorScale, fieldScale } from '../../show/colours.ts';
import { type PeoplesField, toPeople } from '../../show/people.ts';

/** Fields are [latitude, longitude]. */
export interface LeadFields {
  readonly leadHours: number;
  /** Milliseconds since 1970 of the calendar. */
  readonly validTime: number;
  readonly calendar: RolloutView['calendar'];
  readonly forecast: Float32Array;
  readonly truth: Float32Array;
  /** Forecast minus truth. */
  readonly difference: Float32Array;
  /** Root mean squares over the area; undefined at the start, where there is nothing to be off by. */
  readonly errors:
    | { readonly forecast: number; readonly persistence: number; readonly climatology: number }
    | undefined;
}

export interface LeadScales {
  readonly fields: ColourScale;
  readonly errors: ColourScale;
}

const hourMilliseconds = 3_600_000;

/**
 * @param lead counted from 0, the start itself
 * @param channel a number of the data's channels that the view has
 */
export function leadFields(
  view: RolloutView,
  channel: number,
  lead: number,
  people: PeoplesField,
): LeadFields {
  const { startTime, leadHours, validTimes, calendar, errors } = view;
  const [truth, forecast] = [
    stateOf(view, view.truth, channel, lead),
    stateOf(view, view.forecast, channel, lead),
  ];
  const hours = lead === 0 ? 0 : leadHours[lead - 1];
  const of = (values: Float32Array) =>
    values[(lead - 1) * view.channels.length + view.channels.indexOf(channel)] * people.scale;
  return {
    leadHours: hours,
    validTime: (lead === 0 ? startTime : validTimes?.[lead - 1]) ?? startTime + hours * hourMilliseconds,
    calendar,
    forecast: toPeople(forecast, people),
    truth: toPeople(truth, people),
    difference: forecast.map((value, p) => (value - truth[p]) * people.scale),
    errors:
      lead === 0
        ? undefined
        : {
            forecast: of(errors.forecast),
            persistence: of(errors.persistence),
            climatology: of(errors.climatology),
          },
  };
}

/**
 * The same colours at every lead, so that what moves is the weather: those of all that happened, and for differences as far
 * as "no change" goes wrong.
 */
export function leadScales(view: RolloutView, channel: number, people: PeoplesField): LeadScales {
  const leads = view.leadHours.map((_, i) => stateOf(view, view.truth, channel, i + 1));
  const start = stateOf(view, view.start, channel, 0);
  const ends = [start, ...leads].flatMap(extremesOf).map(value => value * people.scale + people.offset);
  const wrong = Math.max(0, ...leads.map(truth => largestDifference(truth, start)));
  return {
    fields: fieldScale(Float32Array.from(ends)),
    errors: errorScale(wrong * people.scale),
  };
}

/** A channel of `fields` [L, C, points] at a lead; of the start at lead 0. */
function stateOf(
  { channels, leadHours, start, truth }: RolloutView,
  fields: Float32Array,
  channel: number,
  lead: number,
): Float32Array {
  const points = truth.length / (channels.length * leadHours.length);
  const from = channels.indexOf(channel) * points;
  if (lead === 0) return start.subarray(from, from + points);
  const at = (lead - 1) * channels.length * points + from;
  return fields.subarray(at, at + points);
}

/** Least and largest value that is known; nothing where none is. */
export function extremesOf(field: Float32Array): readonly number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of field) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [];
}

/** The largest difference of two fields, but for the most extreme hundredth of the points. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  const sizes = a.map((value, k) => Math.abs(value - b[k])).filter(size => !Number.isNaN(size));
  sizes.sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 0;
}
