/** Commands of the browser tests that run in Node: a relay of their own, which a test can end and start again. */
import { startRelay } from '../../../scripts/relay.mjs';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Starts a relay and gives its address. Port 0 lets the system choose. */
    startRelay(port: number): Promise<string>;
    /** Ends the relay with all its connections. */
    stopRelay(url: string): Promise<void>;
  }
}

const relays = new Map<string, Awaited<ReturnType<typeof startRelay>>>();

export const relayCommands = {
  startRelay: async (_: unknown, port: number): Promise<string> => {
    const relay = await startRelay({ port });
    relays.set(relay.url, relay);
    return relay.url;
  },
  stopRelay: async (_: unknown, url: string): Promise<void> => {
    await relays.get(url)?.close();
    relays.delete(url);
  },
};
