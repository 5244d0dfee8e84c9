/** The STUN and TURN servers that the page's own server offers (`scripts/ice-route.mjs`), so that nobody has to name any. */
import * as v from 'valibot';

const offerSchema = v.array(
  v.object({
    urls: v.array(v.pipe(v.string(), v.regex(/^(stun|turn):/))),
    username: v.optional(v.string()),
    credential: v.optional(v.string()),
  }),
);

/** A page joins without them rather than wait longer. */
const patienceMs = 3000;

/**
 * @param relay address of the relay of a room; it has servers for pages of its own origin
 * @param page address of this page
 * @returns none where none are offered
 */
export async function offeredServers(relay: string, page = location.href): Promise<RTCIceServer[]> {
  const url = new URL('/ice-servers', relay.replace(/^ws/, 'http'));
  if (url.origin !== new URL(page).origin) return [];
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    return answer.ok ? v.parse(offerSchema, await answer.json()) : [];
  } catch {
    return [];
  }
}
