/** Where a teacher can send a class, and where a pupil's page lets itself be sent. */
import type { Lesson } from '../lesson/format.ts';
import { hashOf, home, routeOf, type ViewName } from '../shell/route.ts';
import { lessonName } from './words.ts';

export interface Place {
  readonly address: string;
  readonly label: string;
}

/** Not the share view: there a pupil would open a room. */
const views: readonly (readonly [ViewName, string])[] = [
  ['home', 'Overview'],
  ['board', 'Board'],
  ['timeline', 'Timeline'],
  ['step', 'Step'],
  ['details', 'Details'],
];

export const placesOf = (lessons: readonly Lesson[]): Place[] => [
  ...views.map(([view, label]) => ({ address: hashOf({ ...home, view }), label })),
  ...lessons.map(({ number, title }) => ({
    address: `#/lesson/${number}/1`,
    label: lessonName(number, title),
  })),
];

/** @returns the address as this page writes it; undefined where a class leads to no such view */
export function allowedPlace(address: string): string | undefined {
  const route = routeOf(address);
  const isKnown = route.view === 'lesson' || views.some(([view]) => view === route.view);
  return isKnown ? hashOf(route) : undefined;
}
