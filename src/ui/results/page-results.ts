/** The results of the page's own run, as its session gives them. */
import { proxy } from 'comlink';
import type { SessionApi, WriteAt } from '../../session/api/api.ts';
import { bytes as byteText } from '../../show/format.ts';
import { shownViews } from '../../show/report-views.ts';
import type { ResultSource } from './files.ts';
import type { KeptTable } from './run-table.ts';
import { words } from './words.ts';

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

/**
 * A file is put together of its parts, which come in any order; the browser keeps them where it likes, on the disk too.
 *
 * @throws Error where it has no room for them
 */
async function forecastFile(session: Pick<Resulting, 'saveForecasts'>): Promise<Blob> {
  const parts: { readonly position: number; readonly bytes: Blob }[] = [];
  const write: WriteAt = async (_, position, bytes) => {
    parts.push({ position, bytes: new Blob([bytes]) });
  };
  await session.saveForecasts({ format: 'netcdf', starts: 'scored' }, proxy(write));
  const file = new Blob(parts.sort((a, b) => a.position - b.position).map(({ bytes }) => bytes));
  try {
    // A browser tells that it had no room only those who read.
    await file.slice(-1).arrayBuffer();
  } catch {
    throw new Error(words.noRoom(byteText(file.size)));
  }
  return file;
}
