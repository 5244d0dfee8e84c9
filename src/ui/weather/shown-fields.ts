/** What the weather's maps show, as a picture of its own to be taken away. */
import type { FieldsPicture } from '../../show/fields-figure.ts';
import type { Drawn } from './weather-maps.ts';
import { whenWords, words } from './words.ts';

/** @returns undefined where there is no forecast in sight */
export function shownFields(drawn: Drawn | undefined): FieldsPicture | undefined {
  if (!drawn?.lead || !drawn.errors) return undefined;
  const { sheet, people, forecast, scale, lead, errors } = drawn;
  const field = { scale, isIsolined: false };
  return {
    title: `${people.label}: ${whenWords(people, lead)}`,
    unit: people.unit,
    latitude: sheet.latitude,
    longitude: sheet.longitude,
    fields: [
      { ...field, title: words.forecast, values: forecast, isIsolined: true },
      { ...field, title: words.truth, values: lead.truth },
      { ...field, title: words.difference, values: lead.difference, scale: errors },
    ],
  };
}
