/** The words of the weather. */
import type { ProgressField } from '../../session/api/api.ts';
import { dateTime, fieldNumber, MONTH_HOURS } from '../../show/format.ts';
import type { PeoplesField } from '../../show/people.ts';
import { placeName } from '../../show/place-name.ts';
import type { LeadFields } from './lead-fields.ts';
import type { Reading, Summary } from './reading.ts';

export const words = {
  title: 'The weather',
  field: 'Field',
  forecast: 'Forecast',
  spinUp: 'The atmosphere as it is computed',
  truth: 'What happened',
  difference: 'Difference',
  differenceHint: 'pale is good',
  lead: 'How far ahead',
  start: 'Start',
  roll: '▶ Roll out',
  stop: '■ Stop',
  next: '▶ Next',
  now: 'now',
  mapKeys: 'Map. The arrow keys move a point whose values are read out; Escape takes it away.',
  noTestPart: 'These data have no part that was kept for testing, so there is no forecast to show.',
  nothingYet: 'Here the forecast of the untrained model is drawn as soon as the data are there.',
  notReady: 'when the model is ready',
};

const withUnit = (value: number, unit: string, digits = 4) =>
  [fieldNumber(value, digits), unit].filter(Boolean).join('\u00a0');

/** `1 day`, `18 hours`, `now`. */
export function leadWords(hours: number): string {
  if (hours === 0) return words.now;
  const months = Math.round(hours / MONTH_HOURS);
  const isMonths = months > 0 && Math.abs(hours - months * MONTH_HOURS) < 1e-6;
  const days = hours % 24 === 0 ? ([hours / 24, 'day'] as const) : ([hours, 'hour'] as const);
  const [value, unit] = isMonths ? ([months, 'month'] as const) : days;
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}

/** The field itself stands in its choice. */
export function whenWords({ unit }: PeoplesField, { leadHours, validTime, calendar }: LeadFields): string {
  const ahead = leadHours === 0 ? 'the start' : `${leadWords(leadHours)} ahead`;
  return `${dateTime(validTime, calendar)}, ${ahead}${unit && `; in ${unit}`}`;
}

/** @param isUntrained the forecast was made before the first step */
export function errorWords(
  { errors, leadHours }: LeadFields,
  { unit }: PeoplesField,
  isUntrained: boolean,
): string {
  if (!errors)
    return 'The forecast starts from here: so far there is nothing to be off by. Move the slider ahead.';
  const { forecast, persistence, climatology } = errors;
  const ahead = `${capital(leadWords(leadHours))} ahead off by ${withUnit(forecast, unit, 3)}`;
  const usual = Number.isFinite(climatology)
    ? `the date’s usual (climatology) by ${fieldNumber(climatology)}`
    : '';
  if (isUntrained && Math.abs(forecast - persistence) <= 0.005 * persistence) {
    return `${ahead}, as “no change” (persistence) is: untrained, it says that${usual && `; ${usual}`}.`;
  }
  return `${ahead}; “no change” (persistence) by ${fieldNumber(persistence)}${usual && `, ${usual}`}.`;
}

export const spinUpTitle = ({ day }: ProgressField, { label, unit }: PeoplesField) =>
  `Day ${Math.floor(day)}: ${label}; in ${unit}`;

/** @param stage of what is being prepared */
export const spinUpWords = (stage: string | undefined) =>
  `What the model will learn from${stage ? ` (${stage})` : ''}: out of small noise grow waves and jets. Nothing is learnt yet.`;

/** Where there is no picture. @param stage of what is being prepared */
export const nothingWords = (stage: string | undefined) =>
  stage ? `${capital(stage)} … ${words.nothingYet}` : words.nothingYet;

/** What the picture shows, for whoever does not see it. */
export function summaryWords({ highest, lowest, meanDifference }: Summary, { unit }: PeoplesField): string {
  if (!highest || !lowest) return 'No value is known here.';
  const at = ({ value, north, east }: typeof highest) =>
    `${withUnit(value, unit)} at ${placeName(north, east)}`;
  // What is far below the picture's own range is rounding.
  const isNone = Math.abs(meanDifference ?? 0) < 1e-3 * (highest.value - lowest.value);
  const difference =
    meanDifference === undefined
      ? ''
      : `; on average ${isNone ? 'right' : `${signed(meanDifference, unit)} off`}`;
  return `Highest ${at(highest)}, lowest ${at(lowest)}${difference}.`;
}

/** Values at a place. */
export function readingWords({ north, east, forecast, truth }: Reading, { unit }: PeoplesField): string {
  const place = placeName(north, east);
  if (truth === undefined) return `${place}: ${withUnit(forecast, unit)}`;
  return `${place}: forecast ${withUnit(forecast, unit)}, happened ${fieldNumber(truth, 4)}, difference ${signed(forecast - truth, unit)}`;
}

export const mapLabel = (name: string, { label }: PeoplesField, time: string) => `${name}: ${label}, ${time}`;

const signed = (value: number, unit: string) => `${value > 0 ? '+' : ''}${withUnit(value, unit, 3)}`;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
