import type { Role } from './room-messages.ts';
import type { OpenStrategy } from './strategy.ts';
import { internetStrategy } from './strategy-internet.ts';
import { relayStrategy } from './strategy-relay.ts';
import { tabsStrategy } from './strategy-tabs.ts';

export type RoomKind = 'tabs' | 'relay' | 'internet';

interface StrategyOptions {
  readonly kind: RoomKind;
  readonly room: string;
  /** For `relay` the address of the relay (required); for `internet` Nostr relays to use instead of public ones. */
  readonly relayUrls?: readonly string[];
  readonly role: Role;
  /** Guests meet the host alone. */
  readonly star?: boolean;
}

/** @throws Error for a relay room without its relay, or where the package for internet rooms cannot be loaded. */
export async function chooseStrategy(options: StrategyOptions): Promise<OpenStrategy> {
  const { kind, room, relayUrls } = options;
  const star = options.star ? options.role : undefined;
  switch (kind) {
    case 'tabs':
      return () => tabsStrategy(room, star);
    case 'relay': {
      const [url] = relayUrls ?? [];
      if (url === undefined) throw new Error('A room of kind "relay" needs the address of its relay.');
      return ({ onRelays }) => relayStrategy(url, onRelays, star);
    }
    case 'internet': {
      const nostr = await import('@trystero-p2p/nostr');
      return events => internetStrategy(nostr, relayUrls, events, star);
    }
  }
}
