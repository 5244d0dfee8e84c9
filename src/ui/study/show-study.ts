/** Studies of the page, loaded with their charts when they are first looked at. */
import type { RunStatus } from '../../session/api/api.ts';
import type { StudyPage } from './study-page.ts';

export interface Studies {
  /** The view comes into sight. */
  open(): Promise<void>;
  /** That of the page's own run. */
  status(status: RunStatus): void;
}

export function createStudies(): Studies {
  let opening: Promise<StudyPage> | undefined;
  let page: StudyPage | undefined;
  let own: RunStatus = 'idle';
  const load = async () => {
    const { openStudies } = await import('./study-page.ts');
    return openStudies(own);
  };
  return {
    async open() {
      opening ??= load();
      try {
        page = await opening;
        page.status(own);
      } catch (cause) {
        // It is loaded again the next time.
        opening = undefined;
        throw cause;
      }
    },
    status(status) {
      own = status;
      page?.status(status);
    },
  };
}
