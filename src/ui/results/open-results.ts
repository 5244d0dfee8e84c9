/**
 * The button of the results of the page's own run: it is there while the run stands still and has trained. The dialog, and
 * what makes the files, are loaded when somebody wants them first.
 */
import { element } from '../dom.ts';
import type { PageState } from '../page-state.ts';
import type { Store } from '../store.ts';
import type { ResultSource } from './files.ts';
import type { Resulting } from './page-results.ts';
import type { RunTable } from './run-table.ts';

export interface ResultsOptions {
  readonly store: Pick<Store<PageState, never>, 'state' | 'subscribe'>;
  readonly table: RunTable;
  readonly session: Resulting;
  readonly maps: ResultSource['maps'];
  readonly onError: (cause: unknown) => void;
}

export function createResults({ store, table, session, maps, onError }: ResultsOptions): void {
  const button = element('open-results', HTMLButtonElement);
  const show = () => {
    const { status, step } = store.state();
    button.hidden = step === 0 || (status !== 'paused' && status !== 'done');
  };
  const open = async () => {
    const [{ openResults }, { pageResults }] = await Promise.all([
      import('./results.ts'),
      import('./page-results.ts'),
    ]);
    const kept = table.kept();
    if (kept) openResults(pageResults(kept, session, maps));
  };
  store.subscribe(show);
  button.onclick = () => void open().catch(onError);
}
