/** The views of a page that cannot train, in a class: those of the recording, and the lessons, whose questions it can answer. */
import { element } from '../dom.ts';
import { playedViews } from '../recording/played-views.ts';
import { routeOf } from '../shell/route.ts';

/** Whether there is something to see at this address. */
export function canWatch(address: string): boolean {
  const { view } = routeOf(address);
  return view === 'lesson' || playedViews.some(([played]) => played === view);
}

/** Shows the text of lessons where the address leads to one. @param storage for the reader's progress */
export function followLessons(storage: Storage | undefined): void {
  let opening: Promise<(path: readonly string[]) => void> | undefined;

  const open = async () => {
    const [{ LessonElement }, { lessons }] = await Promise.all([
      import('../lesson/lesson.ts'),
      import('../lesson/library.ts'),
    ]);
    const lesson = new LessonElement();
    Object.assign(lesson, { lessons, storage });
    element('lesson-text', HTMLElement).append(lesson);
    return (path: readonly string[]) => {
      lesson.path = path;
    };
  };
  const turn = async () => {
    const { view, path } = routeOf(location.hash);
    if (view !== 'lesson') return;
    opening ??= open();
    (await opening)(path);
  };
  addEventListener('hashchange', () => void turn());
  void turn();
}
