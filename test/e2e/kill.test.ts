/** Pages that are closed in the middle of a step, twenty in a row: the run goes on each time, and is the same run. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Outcome } from './crew-page.ts';
import { openGuest, openHost, serveCrewPage, smallRun } from './crew-runs.ts';
import { test } from './fixture.ts';

const KILLS = 20;
/** Steps of the undisturbed run that the losses are compared with. */
const COMPARED = 60;

let served: Awaited<ReturnType<typeof serveCrewPage>>;
beforeAll(async () => {
  served = await serveCrewPage();
});
afterAll(() => served.close());

const mesh = { rows: 1, columns: 2, replicas: 1 };

/** On a loaded machine a page takes seconds to open. */
const timeout = 15_000 * KILLS;

test('twenty ranks are lost one after the other, and no step beyond the last checkpoint is repeated', {
  timeout,
}, async ({ context }) => {
  const host = await openHost(context, served.url);
  const invitation = await host.evaluate(() => window.crewPage.open({ kind: 'tabs' }));
  const join = (name: string) => openGuest(context, served.url, invitation, name);
  let seated = await join('guest 0');
  const config = { ...smallRun, mesh, steps: 1_000_000, checkpointSeconds: 0.3 };
  const losses = new Map<number, number>();
  let begun = 0;
  const note = (outcome: Outcome) =>
    outcome.losses.forEach((loss, i) => {
      losses.set(begun + i + 1, loss);
    });
  await host.evaluate(shape => window.crewPage.assemble(shape), mesh);
  const undisturbed = await host.evaluate(([run, steps]) => window.crewPage.trainTo(run, steps), [
    { ...config, checkpointSeconds: 1e9 },
    COMPARED,
  ] as const);
  await host.evaluate(run => window.crewPage.start(run), config);
  for (let kill = 1; kill <= KILLS; kill++) {
    // The next one joins while the run goes on, so that the seat is taken at once.
    const spare = await join(`guest ${kill}`);
    await seated.close();
    const outcome = await host.evaluate(() => window.crewPage.ended!);
    expect(outcome.error, `loss ${kill}`).toMatchObject({ code: 'peer-lost', resumable: true });
    expect(outcome.error?.message).toContain('Rank 1 ');
    note(outcome);
    await host.evaluate(shape => window.crewPage.assemble(shape), mesh);
    const step = await host.evaluate(shape => window.crewPage.goOn(shape), mesh);
    expect(step, `loss ${kill}`).toBe(outcome.checkpoint ?? begun);
    begun = step;
    seated = spare;
  }
  await host.evaluate(step => window.crewPage.trained(step), COMPARED);
  await host.evaluate(() => window.crewPage.pause());
  const last = await host.evaluate(() => window.crewPage.ended!);
  expect(last.error).toBeUndefined();
  expect(last.losses.length).toBeGreaterThan(0);
  note(last);

  const compared = [...losses].filter(([step]) => step <= COMPARED);
  expect(compared.length).toBe(COMPARED);
  for (const [step, loss] of compared) {
    expect(Math.abs(loss / undisturbed.losses[step - 1] - 1), `step ${step}`).toBeLessThanOrEqual(1e-4);
  }
});
