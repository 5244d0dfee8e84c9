/** Views of a run that is not the page's own, with what they are called. */
import type { ViewName } from '../shell/route.ts';

export const playedViews: readonly (readonly [ViewName, string])[] = [
  ['home', 'Overview'],
  ['board', 'Board'],
  ['timeline', 'Timeline'],
];
