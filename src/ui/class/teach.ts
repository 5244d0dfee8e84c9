/** The teacher's page: the wall in its view, and the class that it shows. What pupils report is drawn once a second. */
import type { RoomKind } from '../../crew/api.ts';
import { type Class, openClass } from '../../crew/class/teacher.ts';
import { element } from '../dom.ts';
import { keepInvite, keptInvite } from './kept.ts';
import { ClassWall } from './wall.ts';

const drawEveryMs = 1000;

/** @throws Error in words for people */
const loadLessons = () =>
  import('../lesson/library.ts').catch((cause: unknown) => {
    throw new Error(
      'The lessons could not be loaded. Try again when the server of this page can be reached.',
      {
        cause,
      },
    );
  });

export interface Teaching {
  /** Opens a class at once, in the way that this page has. */
  open(): void;
  /** The wall comes into sight. */
  shown(): void;
}

export function teach(): Teaching {
  const place = element('class-view', HTMLElement);
  const wall = new ClassWall();
  let own: Class | undefined;
  /** What stands still on the wall goes on being silent, or stuck. */
  let clock: ReturnType<typeof setInterval> | undefined;

  const draw = () => {
    wall.now = Date.now();
    wall.state = own?.state();
    wall.search = location.search;
  };
  const drawIfSeen = () => {
    if (!place.hidden) draw();
  };
  const open = async (kind: RoomKind, again: boolean) => {
    wall.isOpening = true;
    wall.fault = '';
    try {
      const before = again ? keptInvite('teacher') : undefined;
      const base = new URL(location.href);
      // As large as all the rest of the view, and of use to a class that is open.
      wall.lessons = (await loadLessons()).lessons;
      own = await openClass({ choice: { kind: before?.kind ?? kind }, base, again: before });
      keepInvite('teacher', own.invite);
      clock = setInterval(drawIfSeen, drawEveryMs);
      wall.link = own.link;
      wall.acts = own;
    } catch (cause) {
      wall.fault = cause instanceof Error ? cause.message : String(cause);
    }
    wall.isOpening = false;
    draw();
  };
  const close = async () => {
    clearInterval(clock);
    const gone = own;
    own = undefined;
    keepInvite('teacher', undefined);
    wall.canReopen = false;
    draw();
    await gone?.close();
  };
  const hasRelay = document.querySelector('meta[name=isobar-relay]') !== null;
  wall.kinds = hasRelay ? ['relay', 'internet', 'tabs'] : ['tabs', 'internet'];
  wall.canReopen = keptInvite('teacher') !== undefined;
  wall.doors = { open: (kind, again) => void open(kind, again), close: () => void close() };
  // What the teacher does is seen at once.
  for (const type of ['click', 'change', 'submit']) wall.addEventListener(type, drawIfSeen);
  draw();
  place.append(wall);
  return {
    open() {
      if (!own && !wall.isOpening) void open(wall.kinds[0], false);
    },
    shown: draw,
  };
}
