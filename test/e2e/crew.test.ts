/** Pages of one browser that train one model: a host, and guests that came by its invitation. */
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  expectEqualRuns,
  openGuest,
  openHost,
  ranksByName,
  serveCrewPage,
  smallRun,
  train,
} from './crew-runs.ts';
import { test } from './fixture.ts';
import { endings } from './mesh-page.ts';

let served: Awaited<ReturnType<typeof serveCrewPage>>;
beforeAll(async () => {
  served = await serveCrewPage();
});
afterAll(() => served.close());

const square = { rows: 2, columns: 2, replicas: 1 };
const pair = { rows: 1, columns: 2, replicas: 1 };

/** A host with an open room, and its guests. */
async function gather(context: BrowserContext, ...names: string[]) {
  const host = await openHost(context, served.url);
  const invitation = await host.evaluate(() => window.crewPage.open({ kind: 'tabs' }));
  const guests = [];
  for (const name of names) guests.push(await openGuest(context, served.url, invitation, name));
  return { host, guests };
}

test('four pages train a mesh of 2x2 as one page does, and so do three and a worker', async ({ context }) => {
  const { host, guests } = await gather(context, 'Ada', 'Bob', 'Eve');
  const whole = await train(host);
  const four = await train(host, square);
  expectEqualRuns(four, whole);
  expect(await ranksByName(host)).toEqual({ 'The host': [0], Ada: [1], Bob: [2], Eve: [3] });
  expect(await guests[1].evaluate(() => window.crewPage.guestEvent('seated'))).toEqual({
    type: 'seated',
    mesh: square,
    places: [{ rank: 2, row: 1, column: 0, replica: 0 }],
    host: 'The host',
  });

  await guests[1].evaluate(() => window.crewPage.leave());
  expect(await host.evaluate(() => window.crewPage.crewEvent('lost'))).toMatchObject({ ranks: [2] });
  const three = await train(host, square);
  expectEqualRuns(three, whole);
  expect(await ranksByName(host)).toEqual({ 'The host': [0, 2], Ada: [1], Eve: [3] });
});

test('a page that is closed during a run is missed, and the others go on without it', async ({ context }) => {
  const { host, guests } = await gather(context, 'Ada', 'Bob');
  await host.evaluate(mesh => window.crewPage.assemble(mesh), square);
  const config = { ...smallRun, mesh: square, steps: 100_000, checkpointSeconds: 0.5 };
  await host.evaluate(run => window.crewPage.start(run), config);
  await guests[0].close();
  const { error, checkpoint } = await host.evaluate(() => window.crewPage.ended!);
  expect(error).toMatchObject({ code: 'peer-lost' });
  expect(error?.message).toContain('Rank 1 ');
  expect(await host.evaluate(() => window.crewPage.crewEvent('lost'))).toMatchObject({ ranks: [1] });

  await host.evaluate(mesh => window.crewPage.assemble(mesh), pair);
  expect(await ranksByName(host)).toEqual({ 'The host': [0], Bob: [1] });
  expect(await host.evaluate(mesh => window.crewPage.goOn(mesh), pair)).toBe(checkpoint);
  await host.evaluate(() => window.crewPage.pause());
  const { error: none, losses } = await host.evaluate(() => window.crewPage.ended!);
  expect(none).toBeUndefined();
  expect(losses.length).toBeGreaterThan(0);
});

test('a guest that no mesh needs keeps its place in the room, and is seated again later', async ({
  context,
}) => {
  const { host, guests } = await gather(context, 'Ada');
  await host.evaluate(mesh => window.crewPage.assemble(mesh), pair);
  await guests[0].evaluate(() => window.crewPage.guestEvent('seated'));
  await guests[0].evaluate(() => window.crewPage.forget());
  await host.evaluate(() => window.crewPage.assemble({ rows: 1, columns: 1, replicas: 1 }));
  expect(await guests[0].evaluate(() => window.crewPage.guestEvent('seated'))).toMatchObject({ places: [] });
  const trained = await train(host, pair, { ...smallRun, steps: 2 });
  expect(trained.losses).toHaveLength(2);
  expect(await ranksByName(host)).toEqual({ 'The host': [0], Ada: [1] });
});

test('a worker that hangs is missed; to seat it again is given up at once when its page is closed', async ({
  context,
}) => {
  const { host, guests } = await gather(context, 'Ada');
  await host.evaluate(mesh => window.crewPage.assemble(mesh, { silenceMs: 3000 }), pair);
  const config = { ...smallRun, mesh: pair, steps: 100_000, checkpointSeconds: 0.5 };
  await host.evaluate(run => window.crewPage.start(run), config);
  const [worker] = guests[0].workers();
  worker
    .evaluate(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    .catch(() => undefined);
  const { error, checkpoint } = await host.evaluate(() => window.crewPage.ended!);
  expect(error).toMatchObject({ code: 'peer-lost', rank: 1 });
  expect(error?.message).toContain('Rank 1 does not answer: nothing was heard from it for 3 s.');

  // Its page is still there, so it is to be seated; but its worker never says that it sits.
  const seating = host.evaluate(mesh => window.crewPage.assemble(mesh), pair);
  const refused = expect(seating).rejects.toThrow(
    new RegExp(`The mesh 1x2 did not come about\\. Ada cannot take part: (${endings})`),
  );
  await host.evaluate(() => window.crewPage.members());
  await guests[0].close();
  await refused;
  expect(await host.evaluate(() => window.crewPage.crewEvent('lost'))).toMatchObject({ ranks: [1] });
  await host.evaluate(mesh => window.crewPage.assemble(mesh), pair);
  expect(await host.evaluate(mesh => window.crewPage.goOn(mesh), pair)).toBe(checkpoint);
  await host.evaluate(() => window.crewPage.pause());
});
