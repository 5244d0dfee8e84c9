/** The first page of a terminal run: it holds the session, and the crew where the run has a mesh. */
import { proxy, wrap } from 'comlink';
import type { Crew } from '../crew/api.ts';
import { createCrew } from '../crew/host.ts';
import type { SessionApi } from '../session/api.ts';
import type { PageRun } from './bridge.ts';

/** A page that closed is known to have left the room within a moment; one that only lost its link has not left. */
const leaveMs = 3000;

/** Starts the same worker as index.html, for Node to drive. */
export function hostRun(): PageRun {
  const worker = new Worker(new URL('../session/worker.ts', import.meta.url), { type: 'module' });
  const session = wrap<SessionApi>(worker);
  const subscribed = session.subscribe(proxy(event => window.isobarEvent(event)));
  const crew = createCrew({ session });
  const settled = watchLosses(crew);

  return {
    hasAdapter: async () => (await navigator.gpu?.requestAdapter()) != null,
    openRoom: () => {
      crew.admitAll(true);
      return crew.open({ kind: 'tabs' });
    },
    assemble: async (mesh, emulation) => {
      await settled();
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

/** @returns waits until pages that lost their seats have left the room too, so that they are not seated again. */
function watchLosses(crew: Crew): () => Promise<void> {
  const lost = new Set<string>();
  crew.subscribe(event => {
    if (event.type === 'lost') lost.add(event.member);
  });
  const stays = () =>
    crew.members().some(({ id, host, status }) => !host && status === 'admitted' && lost.has(id));
  return async () => {
    if (stays()) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(finish, leaveMs);
        const unsubscribe = crew.subscribe(() => {
          if (!stays()) finish();
        });
        function finish(): void {
          clearTimeout(timer);
          unsubscribe();
          resolve();
        }
      });
    }
    lost.clear();
  };
}

async function download(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The local server answered ${response.status} for ${url}.`);
  return response.arrayBuffer();
}
