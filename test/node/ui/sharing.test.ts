/** A page is alone until ranks or a room are wanted: what it needs then is loaded, and hears what it has missed. */
import { afterEach, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../src/session/api/api.ts';
import type { RunState } from '../../../src/ui/run.ts';
import { createSharing, type SharingOptions } from '../../../src/ui/share/sharing.ts';

const hosting = '../../../src/ui/share/hosting.ts';
const onePiece = { rows: 1, columns: 1, replicas: 1 };
const two = { rows: 1, columns: 2, replicas: 1 };
const state = { status: 'ready', info: undefined } as RunState;

afterEach(() => vi.doUnmock(hosting));

function page() {
  const calls: unknown[] = [];
  const call =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
    };
  const wanted = { mesh: onePiece };
  const options = {
    run: () => ({ settings: () => wanted, state: () => state }),
    onSeated: call('seated'),
    failed: (cause: Error) => calls.push(['failed', cause.message]),
    said: call('said'),
  } as unknown as SharingOptions;
  const mesh = Object.fromEntries(
    ['adapter', 'started', 'event', 'state', 'assembling', 'notAssembled'].map(name => [name, call(name)]),
  );
  const crew = { assemble: async () => call('assemble')(), members: () => ['me'], seats: () => ['mine'] };
  const createHosting = () => ({ crew, mesh, room: { wanted: call('wanted'), open: call('open') } });
  return { sharing: createSharing(options), calls, wanted, crew, createHosting };
}

test('alone a page loads nothing, has its card, and one rank needs no seat', async () => {
  vi.doMock(hosting, () => {
    throw new Error('the server is gone');
  });
  const { sharing, calls } = page();
  sharing.state(state);
  await sharing.assemble(onePiece, {});
  expect(calls).toEqual([
    ['seated', [expect.objectContaining({ rank: 0, name: 'card of this page', holder: 'this page' })]],
  ]);
  expect([sharing.crew.members(), sharing.crew.seats()]).toEqual([[], []]);
});

test('what cannot be loaded is said when it is wanted, and asked for again', async () => {
  vi.doMock(hosting, () => {
    throw new Error('the server is gone');
  });
  const { sharing, calls, wanted, createHosting } = page();
  const reason = expect.stringMatching(
    /^What shares a model between ranks could not be loaded\. Try again when the server of this page can be reached\.$/,
  );
  wanted.mesh = two;
  sharing.state(state);
  await vi.waitFor(() => expect(calls).toEqual([['failed', reason]]));
  await expect(sharing.assemble(two, {})).rejects.toThrow(/could not be loaded/);
  await expect(sharing.show()).rejects.toThrow(/could not be loaded/);
  vi.doMock(hosting, () => ({ createHosting }));
  await sharing.show();
  expect(calls.at(-1)).toEqual(['open']);
  expect(sharing.crew.seats()).toEqual(['mine']);
});

test('what is loaded hears what it has missed, of each kind the last', async () => {
  const { sharing, calls, wanted, createHosting } = page();
  vi.doMock(hosting, () => ({ createHosting }));
  const metrics = (step: number) => ({ type: 'metrics', step }) as RunEvent;
  sharing.adapter({ vendor: 'a' } as never);
  sharing.started(3);
  sharing.event(metrics(4));
  sharing.event({ type: 'warning', message: 'x' });
  sharing.event(metrics(5));
  wanted.mesh = two;
  await sharing.assemble(two, {});
  expect(calls).toEqual([
    ['adapter', { vendor: 'a' }],
    ['started', 3],
    ['event', metrics(5)],
    ['state', state],
    ['wanted', two],
    ['assembling'],
    ['assemble'],
  ]);
});

test('why a mesh did not come about is said once, by the panel that offers what to do', async () => {
  const { sharing, calls, crew, createHosting } = page();
  vi.doMock(hosting, () => ({ createHosting }));
  crew.assemble = () => Promise.reject(new Error('a guest left'));
  await expect(sharing.assemble(two, {})).rejects.toThrow('a guest left');
  expect(calls.slice(-2)).toEqual([
    ['said', 'a guest left'],
    ['notAssembled', 'a guest left'],
  ]);
});
