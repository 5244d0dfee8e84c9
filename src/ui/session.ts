/** The session in its worker, behind comlink: the page's only way to the data, the model and the graphics card. */
import * as Comlink from 'comlink';
import type { RunEvent, SessionApi } from '../session/api/api.ts';
import { openSessionWorker } from '../session/api/open-worker.ts';

/** Starts the worker. `onCrash` hears of a worker that could not be loaded or died of an uncaught error. */
export function startSession(onCrash: (message: string) => void): Comlink.Remote<SessionApi> {
  const worker = openSessionWorker();
  worker.addEventListener('error', event => {
    onCrash(`The training worker stopped${event.message ? `: ${event.message}` : ''}. Load the page again.`);
  });
  return Comlink.wrap<SessionApi>(worker);
}

/** Sends every event of the session to `listener`. */
export const listen = (session: Comlink.Remote<SessionApi>, listener: (event: RunEvent) => void) =>
  session.subscribe(Comlink.proxy(listener));
