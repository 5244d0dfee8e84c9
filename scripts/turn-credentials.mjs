// Credentials of a TURN server that end by themselves, as coturn's `use-auth-secret` checks them: the user's name begins
// with the second at which they end, and the password is a keyed hash of the name. So nothing is kept of them anywhere.
// "A REST API For Access To TURN Services", draft-uberti-behave-turn-rest-00, section 2.2.
import { createHmac, randomBytes } from 'node:crypto';

/** Longer than a school day, and a page that is opened again gets others. */
export const credentialSeconds = 24 * 3600;

/**
 * @param {string} secret that the TURN server knows, too
 * @param {number} [now] milliseconds since 1970
 * @returns {{ username: string, credential: string }} other ones at each call, so that a quota counts pages one by one
 */
export function turnCredentials(secret, now = Date.now()) {
  const ends = Math.floor(now / 1000) + credentialSeconds;
  const username = `${ends}:${randomBytes(6).toString('hex')}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
