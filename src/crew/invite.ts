/**
 * The link that invites to a room. All of it is in the fragment, which a browser sends to no server: whoever has the
 * link may ask to take part, and the server of the page never learns the secret.
 */
import * as v from 'valibot';
import type { RoomKind } from '../net/strategy-choice.ts';
import { type InvitePurpose, inviteMarker } from './invite-marker.ts';

export interface Invite {
  readonly kind: RoomKind;
  readonly room: string;
  readonly secret: string;
  /** Only where they are not the relay beside the page (see `relayBeside`), or public ones. */
  readonly relayUrls?: readonly string[];
}

/** Relays that an invitation may name. */
export const mostRelays = 10;
/** Characters of the fragment: so many relays, all of it escaped, take fewer. */
const longestHash = 16 * 1024;

const inviteSchema = v.object({
  kind: v.picklist(['tabs', 'relay', 'internet'], 'the kind of room is unknown'),
  room: v.pipe(v.string(), v.regex(/^[\w-]{8,64}$/, 'the name of the room is damaged')),
  secret: v.pipe(v.string(), v.regex(/^[\w-]{22,86}$/, 'the secret is damaged or too short')),
  relayUrls: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.maxLength(300, 'the address of a relay is too long'),
          v.regex(/^wss?:\/\/[^\s]+$/, 'the address of a relay is no ws(s): address'),
        ),
      ),
      v.maxLength(mostRelays, `it names more than ${mostRelays} relays`),
    ),
  ),
});

/** A new room that nobody can guess: 96 bits of name and 192 bits of secret. */
export function newRoom(): { room: string; secret: string } {
  return { room: randomText(12), secret: randomText(24) };
}

/**
 * @param base address of the page; its own fragment is replaced.
 * @returns for instance `https://host/#join=relay.ROOM.SECRET`
 */
export function inviteLink(
  base: string | URL,
  { kind, room, secret, relayUrls }: Invite,
  purpose: InvitePurpose = 'join',
): string {
  const url = new URL(base);
  const relays = relayUrls?.map(encodeURIComponent).join(',');
  const parts = [kind, room, secret, ...(relays === undefined ? [] : [relays])];
  // No part holds a "." of its own but the last, and the rest of the fragment belongs to that one.
  url.hash = inviteMarker(purpose) + parts.join('.');
  return url.href;
}

/**
 * @param hash of the address; what stands behind another `#` in it is the page's
 * @returns undefined where the address invites to nothing
 * @throws Error where it does, but is damaged
 */
export function parseInvite(
  { hash }: { readonly hash: string },
  purpose: InvitePurpose = 'join',
): Invite | undefined {
  const marker = inviteMarker(purpose);
  if (!hash.startsWith(marker)) return undefined;
  // Before it is cut up: what the parts take is many times their length.
  if (hash.length > longestHash) throw damaged(`it has ${hash.length} characters, more than ${longestHash}`);
  const [kind = '', room = '', secret = '', ...relay] = hash.slice(marker.length).split('#')[0].split('.');
  const relayUrls = relay.length === 0 ? undefined : relay.join('.').split(',').map(decode);
  const result = v.safeParse(inviteSchema, { kind, room, secret, relayUrls });
  if (result.success) return result.output;
  throw damaged(result.issues[0].message);
}

const damaged = (how: string) =>
  new Error(`This invitation cannot be used: ${how}. Ask for the whole link again.`);

/** Address of the relay that `npm start` serves beside the page. */
export function relayBeside(page: string | URL): string {
  const url = new URL('/relay', page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Damaged escapes stay as they are, and fail the check. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** base64url of random bytes. */
function randomText(bytes: number): string {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...values))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
