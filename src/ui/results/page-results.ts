/** The results of the page's own run, as its session gives them. */
import { proxy } from 'comlink';
import type { SessionApi, WriteAt } from '../../session/api/api.ts';
import { shownViews } from '../../show/report-views.ts';
import type { ResultSource } from './files.ts';
import type { KeptTable } from './run-table.ts';

/** Of a session's calls those that are needed, here or behind a worker. */
export interface Resulting {
  readonly result: () => ReturnType<SessionApi['result']>;
  readonly view: SessionApi['view'];
  readonly saveForecasts: (
    ...given: Parameters<SessionApi['saveForecasts']>
  ) => ReturnType<SessionApi['saveForecasts']>;
}

/** @param maps the maps as they are shown now */
export function pageResults(kept: KeptTable, session: Resulting, maps: ResultSource['maps']): ResultSource {
  return {
    ...kept,
    isRecorded: false,
    maps,
    result: () => session.result(),
    views: () => shownViews(kept.info, (name, choice) => session.view(name, choice)),
    ...(kept.info.task === 'forecast' && { forecasts: () => forecastFile(session) }),
  };
}

/** A file is put together of its parts, which come in any order. */
async function forecastFile(session: Pick<Resulting, 'saveForecasts'>): Promise<Blob> {
  const parts: { readonly position: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  const write: WriteAt = async (_, position, bytes) => {
    parts.push({ position, bytes });
  };
  await session.saveForecasts({ format: 'netcdf', starts: 'scored' }, proxy(write));
  return new Blob(parts.sort((a, b) => a.position - b.position).map(({ bytes }) => bytes));
}
