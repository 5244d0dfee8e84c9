/** The run as the page steers it: what is wanted is shown at once, whatever the session is still busy with. */
import type { Remote } from 'comlink';
import { afterAll, expect, test, vi } from 'vitest';
import { meshName } from '../../../src/mesh/mesh.ts';
import type { Frame } from '../../../src/models/model.ts';
import type { RunInfo, SessionApi } from '../../../src/session/api/api.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import type { RunObserver } from '../../../src/ui/run.ts';

// Where a store can be reached is read off the page.
vi.stubGlobal('document', { querySelector: () => null });
afterAll(() => vi.unstubAllGlobals());
const { createRun } = await import('../../../src/ui/run.ts');
const { settingsIn } = await import('../../../src/ui/address.ts');
const { embedded } = await import('../../../src/ui/data-source.ts');

const mesh = (rows: number, columns: number) => ({ rows, columns, replicas: 1 });

test('a mesh is told of as soon as it is chosen, though an earlier one is still being prepared', async () => {
  const frame: Frame = { task: 'fields', inputs: [], outputs: [], sizes: {} };
  const preparing: { readonly config: RunConfig; readonly end: () => void }[] = [];
  const session: Pick<SessionApi, 'prepare'> = {
    prepare: config =>
      new Promise(resolve => {
        preparing.push({ config, end: () => resolve({ config, step: 0, frame } as unknown as RunInfo) });
      }),
  };
  const told: string[] = [];
  const observer: RunObserver = {
    state: ({ status }) => told.push(`${status} ${meshName(run.settings().mesh)}`),
    started() {},
    regrouped() {},
    resuming() {},
    leaving: async () => {},
    assemble: async () => {},
    failed(cause) {
      throw cause;
    },
  };
  const first = { ...settingsIn('?preset=tiny'), data: embedded };
  const run = createRun(session as unknown as Remote<SessionApi>, first, observer);
  run.change({ mesh: mesh(1, 2) });
  await vi.waitFor(() => expect(preparing).toHaveLength(1));
  expect(told.at(-1)).toBe('preparing 1x2');
  run.change({ mesh: mesh(2, 2) });
  expect(told.at(-1)).toBe('preparing 2x2');
  expect(run.state().frame).toBeUndefined();
  preparing[0].end();
  await vi.waitFor(() => expect(preparing).toHaveLength(2));
  // The data are the same, whatever they are cut for.
  expect(run.state()).toMatchObject({ status: 'preparing', info: undefined, frame });
  preparing[1].end();
  await vi.waitFor(() => expect(told.at(-1)).toBe('ready 2x2'));
  run.change({ preset: 'demo' });
  expect(run.state().frame).toBeUndefined();
  expect(preparing.map(({ config }) => config.mesh && meshName(config.mesh))).toEqual(['1x2', '2x2']);
});
