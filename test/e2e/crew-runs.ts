/** What tests of a crew share: the page they drive, the run it trains, and what equal runs are. */

import type { BrowserContext, Page } from 'playwright-core';
import type { Browser as Firefox } from 'puppeteer-core';
import { expect } from 'vitest';
import { servePage } from '../../scripts/serve-page.mjs';
import { presets } from '../../src/session/api/presets.ts';
import type { RunConfig } from '../../src/session/api/run-config.ts';
import { learningRateAt } from '../../src/train/schedule.ts';
import type { CrewPage, Outcome } from './crew-page.ts';

/** A small run with dropout on. */
export const smallRun: RunConfig = {
  data: { kind: 'embedded', days: 30, seed: 1 },
  preset: 'tiny',
  steps: 20,
  seed: 3,
  overrides: { width: 8, blocks: 1, batch: 2, dropout: 0.1 },
  evaluateEvery: 0,
  checkpointSeconds: 1e9,
};

export interface TrainedRun extends Outcome {
  readonly parameters: Record<string, number[]>;
}

export const serveCrewPage = () => servePage('test/e2e/crew.html');

/** Opens a page that is a host. */
export async function openHost(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(() => window.crewPage.host());
  return page;
}

/** Opens a page that joins as a guest. */
export async function openGuest(context: BrowserContext, url: string, invitation: string, name: string) {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(([link, who]) => window.crewPage.join(link, who), [invitation, name]);
  return page;
}

/** The same in Firefox, which speaks another protocol. */
export async function openFirefoxGuest(firefox: Firefox, url: string, invitation: string, name: string) {
  const page = await firefox.newPage();
  await page.goto(url);
  await page.evaluate((link, who) => window.crewPage.join(link, who), invitation, name);
}

/** Trains on the host's page: on one rank, or on the mesh that its crew then seats. */
export async function train(host: Page, mesh?: RunConfig['mesh'], config = smallRun): Promise<TrainedRun> {
  if (mesh) await host.evaluate(shape => window.crewPage.assemble(shape), mesh);
  const outcome = await host.evaluate(run => window.crewPage.run(run), { ...config, mesh });
  expect(outcome.error).toBeUndefined();
  return { ...outcome, parameters: await host.evaluate(() => window.crewPage.parameters()) };
}

/**
 * Losses to 1e-4 of each, and every parameter to 1e-3 of its norm. The bias of the recovery is compared with what Adam
 * can have moved it by: it starts at zero, where some of its gradients are smaller than rounding, and Adam's first steps
 * are as long for those as for all others (`docs/jigsaw.md`).
 */
export function expectEqualRuns(actual: TrainedRun, expected: TrainedRun): void {
  expect(actual.losses).toHaveLength(expected.losses.length);
  actual.losses.forEach((loss, step) => {
    expect(Math.abs(loss / expected.losses[step] - 1), `loss of step ${step + 1}`).toBeLessThanOrEqual(1e-4);
  });
  expect(Object.keys(actual.parameters)).toEqual(Object.keys(expected.parameters));
  for (const [name, wanted] of Object.entries(expected.parameters)) {
    const values = actual.parameters[name];
    expect(values, name).toHaveLength(wanted.length);
    const norm =
      name === 'parameters/recover.bias' ? reach * Math.sqrt(wanted.length) : Math.hypot(...wanted);
    const difference = Math.hypot(...wanted.map((value, i) => value - values[i]));
    expect(difference / norm, name).toBeLessThanOrEqual(1e-3);
  }
}

/** The sum of the learning rates of the run: Adam moves a parameter by about its rate in a step. */
const reach = Array.from({ length: smallRun.steps }, (_, i) =>
  learningRateAt(presets.tiny.schedule, i + 1, smallRun.steps),
).reduce((sum, rate) => sum + rate);

/** The ranks of every member, by name. */
export async function ranksByName(host: Page): Promise<Record<string, readonly number[]>> {
  const members: ReturnType<CrewPage['members']> = await host.evaluate(() => window.crewPage.members());
  return Object.fromEntries(members.map(({ name, ranks }) => [name, ranks]));
}
