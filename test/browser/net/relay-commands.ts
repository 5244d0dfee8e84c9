/** Commands of the browser tests that run in Node: relays of their own, which a test can end and start again. */
import type { Page } from 'playwright-core';
import { startRelay } from '../../../scripts/relay.mjs';
import { startNostrRelay } from './nostr-relay.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Starts a relay for rooms of this kind and gives its address. Port 0 lets the system choose. */
    startRelay(kind: 'relay' | 'internet', port?: number): Promise<string>;
    /** Starts a Nostr relay that takes no event, for this reason. */
    startRefusingRelay(reason: string): Promise<string>;
    /** What a Nostr relay got to see of what pages said. */
    relayed(url: string): Promise<readonly string[]>;
    /** Ends the relay with all its connections. */
    stopRelay(url: string): Promise<void>;
  }
}

interface Relay {
  readonly url: string;
  readonly contents?: readonly string[];
  close(): Promise<void>;
}

const relays = new Map<string, Relay>();

async function started(starting: Promise<Relay>): Promise<string> {
  const relay = await starting;
  relays.set(relay.url, relay);
  return relay.url;
}

export const relayCommands = {
  startRelay: ({ page }: { page: Page }, kind: 'relay' | 'internet', port = 0): Promise<string> =>
    started(
      kind === 'relay' ? startRelay({ port, origins: [new URL(page.url()).origin] }) : startNostrRelay(port),
    ),
  startRefusingRelay: (_: unknown, reason: string): Promise<string> => started(startNostrRelay(0, reason)),
  relayed: async (_: unknown, url: string): Promise<readonly string[]> => relays.get(url)?.contents ?? [],
  stopRelay: async (_: unknown, url: string): Promise<void> => {
    await relays.get(url)?.close();
    relays.delete(url);
  },
};
