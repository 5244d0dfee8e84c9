/**
 * The page of the host is closed in the middle of a run, and a guest goes on with it: the run is the same run. Every page
 * has a storage of its own, as on machines of different people.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { startRelay } from '../../scripts/relay.mjs';
import { presets, syntheticChoice } from '../../src/session/api/presets.ts';
import type { MeshConfig, RunConfig } from '../../src/session/api/run-config.ts';
import { openGuest, openHost, ranksByName, serveCrewPage, smallRun, train } from './crew-runs.ts';
import { test } from './fixture.ts';

let served: Awaited<ReturnType<typeof serveCrewPage>>;
let relay: Awaited<ReturnType<typeof startRelay>>;
beforeAll(async () => {
  served = await serveCrewPage();
  relay = await startRelay({ origins: [new URL(served.url).origin] });
});
afterAll(() => Promise.all([served.close(), relay.close()]));

const steps = 40;
/** A checkpoint after every step, so that the page of the host is closed long before the last. */
const embedded: RunConfig = { ...smallRun, steps, checkpointSeconds: 0 };
/** On data of which every rank reads its part for itself, with code that its worker loads on demand. */
const inParts: RunConfig = { ...embedded, data: syntheticChoice(presets.tiny, 1) };
const square = { rows: 2, columns: 2, replicas: 1 };

async function newContext(browser: Browser) {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return context;
}

/** A mesh in training past a checkpoint, every rank in a page of its own. @returns the pages, the host first */
async function training(
  browser: Browser,
  config: RunConfig,
  mesh: MeshConfig,
  ...names: string[]
): Promise<Page[]> {
  const host = await openHost(await newContext(browser), served.url);
  const invitation = await host.evaluate(
    url => window.crewPage.open({ kind: 'relay', relayUrls: [url] }),
    relay.url,
  );
  const guests: Page[] = [];
  for (const name of names) {
    guests.push(await openGuest(await newContext(browser), served.url, invitation, name));
  }
  await host.evaluate(shape => window.crewPage.assemble(shape), mesh);
  await host.evaluate(run => window.crewPage.start(run), { ...config, mesh });
  return [host, ...guests];
}

/** Losses of the run in one piece. */
async function undisturbed(browser: Browser, config: RunConfig): Promise<readonly number[]> {
  const page = await openHost(await newContext(browser), served.url);
  return (await train(page, undefined, { ...config, checkpointSeconds: 1e9 })).losses;
}

const orphaned = (page: Page) => page.evaluate(() => window.crewPage.orphaned());
const takeOver = (page: Page) => page.evaluate(() => window.crewPage.takeOver());

/** Trains to the end: the losses are those of the undisturbed run. */
async function finishes(page: Page, from: number, expected: readonly number[]): Promise<void> {
  const { error, losses } = await page.evaluate(() => window.crewPage.finish());
  expect(error).toBeUndefined();
  expect(losses).toHaveLength(steps - from);
  losses.forEach((loss, i) => {
    const step = from + 1 + i;
    expect(Math.abs(loss / expected[step - 1] - 1), `step ${step}`).toBeLessThanOrEqual(1e-4);
  });
}

test('1x2, on data read in parts: the guest goes on alone', async ({ browser }) => {
  const expected = await undisturbed(browser, inParts);
  const [host, ada] = await training(browser, inParts, { rows: 1, columns: 2, replicas: 1 }, 'Ada');
  await host.close();
  const kept = await orphaned(ada);
  const { step, mesh } = await takeOver(ada);
  expect(mesh).toBeUndefined();
  // The newest may be half done.
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThanOrEqual(kept);
  await finishes(ada, step, expected);
});

test('2x2: two of three guests want to; one does with the others, of which the second is told', async ({
  browser,
}) => {
  const expected = await undisturbed(browser, embedded);
  const [host, ...guests] = await training(browser, embedded, square, 'Ada', 'Bob', 'Eve');
  await host.close();
  await Promise.all(guests.map(orphaned));
  const names = ['Ada', 'Bob'];
  const claims = await Promise.allSettled(guests.slice(0, 2).map(takeOver));
  const won = claims.findIndex(({ status }) => status === 'fulfilled');
  const [claim, other] = [claims[won], claims[1 - won]];
  if (claim?.status !== 'fulfilled' || other.status !== 'rejected') throw new Error(JSON.stringify(claims));
  expect(String(other.reason)).toContain(`${names[won]} has taken over the run of this room`);
  expect(claim.value.mesh).toEqual({ rows: 1, columns: 3, replicas: 1 });
  await finishes(guests[won], claim.value.step, expected);
  const ranks = await ranksByName(guests[won]);
  expect(ranks[names[won]]).toEqual([0]);
  expect(Object.values(ranks).flat().sort()).toEqual([0, 1, 2]);
});

test('2x2 without the host and the page that had its copies: what is missing is said', async ({
  browser,
}) => {
  const [host, ada, bob] = await training(browser, embedded, square, 'Ada', 'Bob', 'Eve');
  await Promise.all([host.close(), ada.close()]);
  await orphaned(bob);
  await expect(takeOver(bob)).rejects.toThrow(
    /The ranks that are left hold no whole checkpoint\. The checkpoint of step \d+ on the mesh 2x2 lacks the shard of rank 0/,
  );
});
