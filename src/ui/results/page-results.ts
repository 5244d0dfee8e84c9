/** The results of the page's own run, as its session gives them. */
import type { SessionApi } from '../../session/api/api.ts';
import { shownViews } from '../../show/report-views.ts';
import type { ResultSource } from './files.ts';
import type { KeptTable } from './run-table.ts';

/** Of a session's calls those that are needed, here or behind a worker. */
export interface Resulting {
  readonly result: () => ReturnType<SessionApi['result']>;
  readonly view: SessionApi['view'];
}

/** @param maps the maps as they are shown now */
export function pageResults(kept: KeptTable, session: Resulting, maps: ResultSource['maps']): ResultSource {
  return {
    ...kept,
    isRecorded: false,
    maps,
    result: () => session.result(),
    views: () => shownViews(kept.info, (name, choice) => session.view(name, choice)),
  };
}
