/** The run of a pupil's page, as far as a class has to do with it. */
import type { PageEvent, PageState } from '../page-state.ts';
import type { Hosting } from '../share/hosting.ts';
import type { Store } from '../store.ts';

/** What a teacher's orders do to the page's run. */
export interface PupilActs {
  /** Goes on where the run stands still, unless it is done. */
  readonly start: () => void;
  readonly pause: () => void;
  /** Sets up another run at its beginning. @param search of its address */
  readonly race: (search: string) => Promise<void>;
}

/** Of a page that trains; without it the page watches. */
export interface PupilRun {
  readonly store: Store<PageState, PageEvent>;
  readonly acts: PupilActs;
  /** The graphics card, as the browser names it. */
  readonly gpu: string;
  /** What lets other pages share the run, in a group. */
  readonly share: () => Promise<Pick<Hosting, 'crew' | 'mesh'>>;
}
