/** The first page of a terminal run: it holds the session, and the crew where the run has a mesh. */
import { proxy, wrap } from 'comlink';
import { createCrew } from '../crew/host.ts';
import type { RunError, SessionApi } from '../session/api/api.ts';
import { openSessionWorker } from '../session/api/open-worker.ts';
import { stepWork } from '../show/step-work.ts';
import type { Answer, Answering, PageRun } from './bridge.ts';

/** Starts the same worker as index.html, for Node to drive. */
export function hostRun(): Answering<PageRun> {
  const session = wrap<SessionApi>(openSessionWorker());
  /** What the session said last of an error: more than the exception, which comes later and is a text. */
  let told: RunError | undefined;
  const subscribed = session.subscribe(
    proxy(event => {
      if (event.type === 'error') told = event.error;
      return window.isobarEvent(event);
    }),
  );
  const crew = createCrew({ session });
  const answered =
    <Given extends unknown[], T>(work: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<Answer<T>> => {
      try {
        return { value: await work(...given) };
      } catch (error) {
        return { failure: failureOf(error as Error, told) };
      }
    };

  return {
    hasAdapter: answered(async () => (await navigator.gpu?.requestAdapter()) != null),
    openRoom: answered(() => {
      crew.admitAll(true);
      return crew.open({ kind: 'tabs' });
    }),
    assemble: answered(async (mesh, emulation) => {
      await crew.assemble(mesh, { emulation });
    }),
    prepare: answered(async (config, checkpoint) => {
      await subscribed;
      return session.prepare(config, checkpoint === undefined ? undefined : await checkpointAt(checkpoint));
    }),
    keptForms: answered(() => session.keptForms()),
    keepForms: answered(forms => session.keepForms(forms)),
    train: answered(() => session.train()),
    pause: answered(() => session.pause()),
    regroup: answered(async mesh => (await session.regroup(mesh)).step),
    plans: answered(async ranks => {
      const plans = await Promise.all(Array.from({ length: ranks }, (_, rank) => session.plan(rank)));
      return plans.flat().map(({ hash, steps }) => ({ hash, steps }));
    }),
    work: answered(async (ranks, passes) => {
      const plans = await Promise.all(Array.from({ length: ranks }, (_, rank) => session.plan(rank)));
      return plans.map(ofRank => stepWork(ofRank, passes));
    }),
    result: answered(() => session.result()),
    view: answered(async (name, choice) => session.view(name, choice)),
    embeddedFields: answered(async (choice, url) => {
      const { embeddedFields } = await import('../session/api/graduation.ts');
      const { values, ...others } = await embeddedFields(choice);
      await put(url, values);
      return others;
    }),
    importCheckpoint: answered(async url => session.importCheckpoint(await checkpointAt(url))),
    exportCheckpoint: answered(async url => {
      const { step, bytes } = await session.exportCheckpoint();
      await put(url, bytes);
      return step;
    }),
    forecast: answered(async (config, checkpoint, request, files) => {
      await subscribed;
      const write = proxy((path: string, position: number, bytes: Uint8Array<ArrayBuffer>) =>
        put(`${files}/${encodeURIComponent(path)}?at=${position}`, bytes),
      );
      return session.forecast(config, await checkpointAt(checkpoint), request, write);
    }),
  };
}

/** @throws Error with what the server says is in the way */
async function put(url: string, body: BodyInit): Promise<void> {
  const response = await fetch(url, { method: 'PUT', body });
  if (!response.ok) throw new Error(await response.text());
}

/** What the session did not tell of is a fault of the page or the command: the last checkpoint is good. */
export function failureOf({ message }: Error, told?: RunError): RunError {
  return told?.message === message ? told : { code: 'internal', message, resumable: true };
}

async function checkpointAt(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The local server answered ${response.status} for ${url}.`);
  return new Uint8Array(await response.arrayBuffer());
}
