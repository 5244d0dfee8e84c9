/**
 * A mark of the machine that a page is on: the same for all pages of one browser that are in one room, so that their ranks are
 * known to share its card. It is made of a number that this browser has drawn and keeps, and of the room: in another room it is
 * another one, so nobody is recognised by it from one to the next, and the number itself is told to nobody.
 *
 * Other browsers of the machine, other profiles and other addresses of the page keep numbers of their own: what they are on is
 * taken to be another machine.
 */

const key = 'isobar-machine';

/** The part of `localStorage` that is needed. */
export type MarkStore = Pick<Storage, 'getItem' | 'setItem'>;

const hex = (bytes: Uint8Array) => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');

/** @throws DOMException where the browser keeps nothing */
function numberIn(store: MarkStore): string {
  const kept = store.getItem(key);
  if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept;
  store.setItem(key, hex(crypto.getRandomValues(new Uint8Array(16))));
  // Of two pages that draw at once the later one's stays.
  return store.getItem(key) ?? '';
}

/**
 * @param room its name, which only those who are invited know
 * @returns 32 hexadecimal digits; undefined where the browser keeps nothing, or lets this page compute no digest
 */
export async function machineMark(
  room: string,
  storage: () => MarkStore = () => localStorage,
): Promise<string | undefined> {
  try {
    const text = new TextEncoder().encode(`${room} ${numberIn(storage())}`);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
    return hex(digest.subarray(0, 16));
  } catch {
    return undefined;
  }
}
