/** Which view of the page is shown: the one of the address. Views change, the run goes on. */
import { element, make } from '../dom.ts';
import { hashOf, home, type Route, routeOf, type ViewName } from './route.ts';

/** In the order of the bar. */
const names: readonly (readonly [ViewName, string])[] = [
  ['home', 'Overview'],
  ['board', 'Board'],
  ['timeline', 'Timeline'],
  ['step', 'Step'],
  ['lesson', 'Lessons'],
  ['details', 'Details'],
  ['share', 'Share'],
  ['class', 'Class'],
];

export interface ViewSwitch {
  current(): Route;
  /** Shows a view, and makes it a step of the browser's history. */
  go(view: ViewName): void;
}

/** @param onShow called with the view that is shown from now on, at once too */
export function createViewSwitch(onShow: (route: Route) => void): ViewSwitch {
  const nav = element('views', HTMLElement);
  nav.replaceChildren(
    ...names.map(([view, label]) => {
      const link = make('a', label);
      link.href = hashOf({ ...home, view });
      link.dataset.view = view;
      // It has its place in the bar while there is one, and its door in the share view.
      link.hidden = view === 'class';
      return link;
    }),
  );
  let shown = home;

  const show = () => {
    shown = routeOf(location.hash);
    for (const link of nav.querySelectorAll('a')) {
      link.ariaCurrent = link.dataset.view === shown.view ? 'page' : null;
    }
    showSection(shown.view);
    onShow(shown);
  };
  addEventListener('hashchange', () => {
    show();
    scrollTo(0, 0);
  });
  show();
  return {
    current: () => shown,
    go(view) {
      if (shown.view === view) return;
      history.pushState(null, '', hashOf({ ...home, view }));
      show();
    },
  };
}

/** Shows the part of the page that a view is, and hides the others. */
export function showSection(view: ViewName): void {
  const app = element('app', HTMLElement);
  for (const section of app.querySelectorAll<HTMLElement>(':scope > [data-view]')) {
    section.hidden = section.dataset.view !== view;
  }
  app.dataset.view = view;
}
