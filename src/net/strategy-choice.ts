import type { Strategy } from './strategy.ts';
import { relayStrategy } from './strategy-relay.ts';
import { tabsStrategy } from './strategy-tabs.ts';

export type RoomKind = 'tabs' | 'relay' | 'internet';

/**
 * @param relayUrl for `relay` the address of the relay (required); for `internet` a Nostr relay to use instead of the
 *   public ones.
 * @param onNotice told when the relay is lost and when it is back.
 */
export async function openStrategy(
  kind: RoomKind,
  room: string,
  relayUrl: string | undefined,
  onNotice: (text: string) => void,
): Promise<Strategy> {
  if (kind === 'tabs') return tabsStrategy(room);
  if (kind === 'relay') {
    if (relayUrl === undefined) throw new Error('A room of kind "relay" needs the address of its relay.');
    return relayStrategy(relayUrl, onNotice);
  }
  const { joinRoom } = await import('@trystero-p2p/nostr');
  const relayConfig = relayUrl === undefined ? undefined : { urls: [relayUrl] };
  return { join: (config, ...rest) => joinRoom({ ...config, relayConfig }, ...rest), close: () => {} };
}
