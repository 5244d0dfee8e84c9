/** The terminal's headless page: starts the same worker as index.html and hands it to Node. */
import { proxy, wrap } from 'comlink';
import type { RunConfig, SessionApi } from '../session/api.ts';
import type { PageConfig } from './bridge.ts';

const worker = new Worker(new URL('../session/worker.ts', import.meta.url), { type: 'module' });
const session = wrap<SessionApi>(worker);
const subscribed = session.subscribe(proxy(event => window.isobarEvent(event)));

async function download(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The local server answered ${response.status} for ${url}.`);
  return response.arrayBuffer();
}

async function withFiles(config: PageConfig): Promise<RunConfig> {
  if (config.data.kind === 'embedded') return { ...config, data: config.data };
  const files = await Promise.all(
    config.data.files.map(async ({ name, url }) => ({ name, bytes: await download(url) })),
  );
  return { ...config, data: { kind: 'files', files } };
}

window.isobar = {
  hasAdapter: async () => (await navigator.gpu?.requestAdapter()) != null,
  prepare: async config => {
    await subscribed;
    return session.prepare(await withFiles(config));
  },
  train: () => session.train(),
  pause: () => session.pause(),
  result: () => session.result(),
  forecast: (sample, channel, leadSteps) => session.forecast(sample, channel, leadSteps),
  importCheckpoint: async url => session.importCheckpoint(new Uint8Array(await download(url))),
  exportCheckpoint: async url => {
    const bytes = await session.exportCheckpoint();
    const response = await fetch(url, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> });
    if (!response.ok) throw new Error(await response.text());
  },
};
