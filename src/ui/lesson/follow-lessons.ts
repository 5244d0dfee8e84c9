/** Lessons in a page without a run of its own: their text, and their questions, which can be answered. */
import { element } from '../dom.ts';
import { routeOf } from '../shell/route.ts';

/** Shows the text of lessons where the address leads to one. @param storage for the reader's progress @returns a function that ends it */
export function followLessons(storage: Storage | undefined): () => void {
  let opening: Promise<(path: readonly string[]) => void> | undefined;

  const open = async () => {
    const [{ LessonElement }, { lessons }] = await Promise.all([
      import('./lesson.ts'),
      import('./library.ts'),
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
  const turned = () => void turn();
  addEventListener('hashchange', turned);
  turned();
  return () => removeEventListener('hashchange', turned);
}

/** A browser may forbid it. */
export function storageHere(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
