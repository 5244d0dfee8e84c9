/** Two browsers that share nothing but a Nostr relay, on the page as users meet it. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { type NostrRelay, startNostrRelay } from '../browser/net/nostr-relay.ts';
import { openContext, test } from './fixture.ts';
import { joined, status } from './mesh-page.ts';

let relay: NostrRelay;
beforeAll(async () => {
  relay = await startNostrRelay();
});
afterAll(() => relay.close());

async function ask(guest: Page, address: string, name: string): Promise<void> {
  await guest.goto(address);
  await guest.getByTestId('join-name').fill(name);
  await guest.getByTestId('ask').click();
}

test('a guest from another browser comes by a relay that the host names, and holds a rank', async ({
  page,
  pageUrl,
  browser,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=tiny&steps=4&seed=3#/share`);
  await status(page, 'ready');
  await page.getByTestId('invite').click();
  expect(await page.getByTestId('relay-urls').isVisible()).toBe(false);
  // A static host has no relay of its own.
  expect(await page.locator('#room-relay').isDisabled()).toBe(true);
  await page.getByTestId('room-kind').selectOption('internet');
  await page.locator('#relays-setting summary').click();
  // No STUN server: a test talks to no other machine.
  await page.locator('summary', { hasText: 'STUN' }).first().click();
  await page.getByTestId('ice-servers').fill('[]');

  await page.getByTestId('relay-urls').fill('relay.example');
  await page.getByTestId('open-room').click();
  const error = page.getByTestId('error');
  expect(await error.textContent()).toContain('"relay.example" is no relay');
  await error.getByRole('button', { name: /dismiss|close/i }).click();

  await page.getByTestId('relay-urls').fill(relay.url);
  await page.getByTestId('open-room').click();
  const link = page.getByTestId('invite-link');
  await link.waitFor();
  const address = await link.inputValue();
  expect(address).toContain(encodeURIComponent(relay.url));

  const elsewhere = await openContext(browser);
  const stranger = await elsewhere.newPage();
  // The same room with another secret of the same length.
  await ask(stranger, address.replace(/(#join=internet\.[^.]+\.).{8}/, '$1AAAAAAAA'), 'Mallory');
  await joined(stranger, 'asking');
  const guest = await elsewhere.newPage();
  await ask(guest, address, 'Ann');
  await page.getByTestId('asking').getByText('Ann').waitFor();
  expect(await page.getByTestId('asking').textContent()).not.toContain('Mallory');
  await page.getByTestId('admit').click();
  await joined(guest, 'admitted');

  await page.getByTestId('mesh').selectOption('1x2');
  await page.getByTestId('train').click();
  await status(page, 'done');
  await joined(guest, 'seated');
  expect(await page.getByTestId('rank-table').textContent()).toContain('Ann');
  await joined(stranger, 'asking');
  expect(problems).toEqual([]);
  await elsewhere.close();
});
