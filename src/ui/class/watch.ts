/** The views of a page that cannot train, in a class: those of the recording, and the lessons, whose questions it can answer. */
import { playedViews } from '../recording/played-views.ts';
import { routeOf } from '../shell/route.ts';

/** Whether there is something to see at this address. */
export function canWatch(address: string): boolean {
  const { view } = routeOf(address);
  return view === 'lesson' || playedViews.some(([played]) => played === view);
}
