/** A timeline shows what the address says, and the address says what is looked at: a link to it opens the same. */
import { hashOf, invitationIn, routeOf } from '../shell/route.ts';
import { cameraIn, cameraWords } from './camera.ts';
import type { Timeline } from './timeline.ts';

/** @returns a function that ends it */
export function followAddress(timeline: Timeline): () => void {
  const turned = () => {
    const { view, camera } = routeOf(location.hash);
    if (view === 'timeline' && Object.keys(camera).length > 0) timeline.goTo(cameraIn(camera));
  };
  timeline.addEventListener('isobar-camera', event => {
    const route = routeOf(location.hash);
    if (route.view !== 'timeline' || !(event instanceof CustomEvent)) return;
    const hash = invitationIn(location.hash) + hashOf({ ...route, camera: cameraWords(event.detail) });
    // A look around is no step of the browser's history.
    history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
  });
  addEventListener('hashchange', turned);
  turned();
  return () => removeEventListener('hashchange', turned);
}
