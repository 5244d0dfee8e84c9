/**
 * Lessons in the page: loaded when they first come into sight, and told of all that is measured from then on. The machine,
 * the learning and the last step of the first view stand beside them meanwhile, the same ones.
 */
import { IsobarMachine } from '../board/machine.ts';
import type { BoardView } from '../board/watch-cuts.ts';
import type { Cursor } from '../cursor.ts';
import { element } from '../dom.ts';
import type { PageEvent, PageState } from '../page-state.ts';
import type { Settings } from '../run-settings.ts';
import type { Route } from '../shell/route.ts';
import type { Store } from '../store.ts';
import { storageHere } from './follow-lessons.ts';
import type { LessonActs, LessonElement } from './lesson.ts';
import type { Notebook } from './notebook.ts';

export interface Lessons {
  /** A view comes into sight, a lesson or another. */
  show(route: Route): Promise<void>;
  machine(view: BoardView): void;
  /** @param search of their address */
  wanted(settings: Settings, search: string): void;
}

export interface LessonsOptions {
  readonly store: Store<PageState, PageEvent>;
  readonly cursor: Cursor;
  readonly acts: LessonActs;
}

export function createLessons({ store, cursor, acts }: LessonsOptions): Lessons {
  let view: BoardView | undefined;
  let wanted: { readonly settings: Settings; readonly search: string } | undefined;
  let note: (() => void) | undefined;
  let path: readonly string[] = [];
  let opening: Promise<LessonElement> | undefined;
  const machine = element('machine', IsobarMachine);
  const shared = ['learning', 'machine', 'last-step-panel'].map(id => element(id, HTMLElement));

  async function open(): Promise<LessonElement> {
    const [{ LessonElement }, { lessons }, { emptyNotebook, noted }] = await Promise.all([
      import('./lesson.ts'),
      import('./library.ts'),
      import('./notebook.ts'),
    ]);
    const lesson = new LessonElement();
    let notebook: Notebook = emptyNotebook;
    Object.assign(lesson, { lessons, cursor, acts, path, storage: storageHere() });
    note = () => {
      if (!wanted) return;
      notebook = noted(notebook, {
        ...{ state: store.state(), view, wanted: wanted.settings },
        pace: machine.pace,
      });
      lesson.notebook = notebook;
      lesson.search = wanted.search;
    };
    store.subscribe(note);
    note();
    element('lesson-text', HTMLElement).append(lesson);
    return lesson;
  }

  return {
    async show(route) {
      const isLesson = route.view === 'lesson';
      const place = isLesson ? element('lesson-machine', HTMLElement) : element('results', HTMLElement);
      // Those of another run may stand in their place: a recording, or that of a group.
      const moved = shared.filter(({ isConnected }) => isConnected);
      if (moved.some(each => each.parentElement !== place)) place.append(...moved);
      if (!isLesson) return;
      path = route.path;
      opening ??= open();
      const lesson = await opening;
      lesson.path = path;
    },
    machine(now) {
      view = now;
      note?.();
    },
    wanted(settings, search) {
      wanted = { settings, search };
      note?.();
    },
  };
}
