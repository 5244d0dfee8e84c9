/**
 * The views of the page, and their addresses: the part behind `#`. What a view is turned to (a rank, a moment, a beat) stands
 * behind its name, and its camera behind a question mark: `#/step/blocks.0/forward/3`, `#/timeline?step=254`. In the page of a
 * guest an invitation stands before all of it: `#join=...#/board`.
 */

export const viewNames = [
  'home',
  'board',
  'timeline',
  'step',
  'lesson',
  'details',
  'data',
  'share',
  'class',
  'study',
  'plan',
] as const;
export type ViewName = (typeof viewNames)[number];

export interface Route {
  readonly view: ViewName;
  /** What it is turned to, part by part. */
  readonly path: readonly string[];
  readonly camera: Readonly<Record<string, string>>;
}

export const home: Route = { view: 'home', path: [], camera: {} };

/** The part of an address that invites to a room, before that of the view; empty where there is none. */
export const invitationIn = (hash: string): string => /^#join=[^#]*/.exec(hash)?.[0] ?? '';

/** @param hash of the address; an address of no view is that of the first screen */
export function routeOf(hash: string): Route {
  const own = hash.slice(invitationIn(hash).length);
  const [path, camera = ''] = own.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/').filter(Boolean).map(decoded);
  const view = viewNames.find(known => known === name);
  if (!view) return home;
  return { view, path: rest, camera: Object.fromEntries(new URLSearchParams(camera)) };
}

export function hashOf({ view, path, camera }: Route): string {
  const parts = [...(view === 'home' ? [] : [view]), ...path].map(encodeURIComponent);
  const query = new URLSearchParams(camera).toString();
  return `#/${parts.join('/')}${query ? `?${query}` : ''}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
