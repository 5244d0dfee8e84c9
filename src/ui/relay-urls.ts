/** Relays of a room as a user writes them: addresses of WebSockets, one a line. */

import { mostRelays } from '../crew/invite.ts';

/**
 * @param page where it was loaded from: a page of HTTPS may open no connection that is not encrypted
 * @returns undefined where nothing is written
 * @throws Error for what is no such address, and for too many
 */
export function parseRelayUrls(text: string, page: { readonly protocol: string }): string[] | undefined {
  const lines = text.split('\n').flatMap(line => line.trim() || []);
  for (const line of lines) {
    if (!/^wss?:\/\//.test(line) || !URL.canParse(line)) {
      throw new Error(`"${line}" is no relay: write wss://HOST or wss://HOST:PORT/PATH.`);
    }
    if (page.protocol === 'https:' && line.startsWith('ws:')) {
      throw new Error(`"${line}" is not encrypted, which a page of HTTPS does not allow: it must be wss://.`);
    }
  }
  if (lines.length > mostRelays) {
    throw new Error(`${lines.length} relays are named; an invitation has room for ${mostRelays}.`);
  }
  return lines.length === 0 ? undefined : lines;
}
