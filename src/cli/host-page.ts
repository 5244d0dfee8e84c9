/** The first page of a terminal run: it holds the session, and the crew where the run has a mesh. */
import { proxy, wrap } from 'comlink';
import { createCrew } from '../crew/host.ts';
import type { SessionApi } from '../session/api/api.ts';
import { openSessionWorker } from '../session/api/open-worker.ts';
import type { PageRun } from './bridge.ts';

/** Starts the same worker as index.html, for Node to drive. */
export function hostRun(): PageRun {
  const session = wrap<SessionApi>(openSessionWorker());
  const subscribed = session.subscribe(proxy(event => window.isobarEvent(event)));
  const crew = createCrew({ session });

  return {
    hasAdapter: async () => (await navigator.gpu?.requestAdapter()) != null,
    openRoom: () => {
      crew.admitAll(true);
      return crew.open({ kind: 'tabs' });
    },
    assemble: async (mesh, emulation) => {
      await crew.assemble(mesh, { emulation });
    },
    prepare: async config => {
      await subscribed;
      return session.prepare(config);
    },
    train: () => session.train(),
    pause: () => session.pause(),
    regroup: async mesh => (await session.regroup(mesh)).step,
    result: () => session.result(),
    forecast: (sample, channel, leadSteps) => session.forecast(sample, channel, leadSteps),
    importCheckpoint: async url => session.importCheckpoint(new Uint8Array(await download(url))),
    exportCheckpoint: async url => {
      const bytes = await session.exportCheckpoint();
      const response = await fetch(url, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

async function download(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The local server answered ${response.status} for ${url}.`);
  return response.arrayBuffer();
}
