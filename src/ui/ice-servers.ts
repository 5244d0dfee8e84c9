/** STUN and TURN servers as a user writes them: one a line, or the JSON list that a provider hands out. */

/**
 * @param text lines such as `stun:stun.example.org:3478` and `turn:user:password@turn.example.org:3478`, or JSON
 * @returns undefined where nothing is written
 * @throws Error for what is neither
 */
export function parseIceServers(text: string): RTCIceServer[] | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (/^[[{]/.test(trimmed)) return fromJson(trimmed);
  return trimmed.split(/\s*\n\s*/).map(fromLine);
}

function fromLine(line: string): RTCIceServer {
  const match = /^(stun|stuns|turn|turns):(?:([^:@\s]+):([^@\s]+)@)?([^@\s]+)$/.exec(line);
  if (!match) {
    throw new Error(
      `"${line}" is no STUN or TURN server: write stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT.`,
    );
  }
  const [, scheme, username, credential, host] = match;
  const isTurn = scheme.startsWith('turn');
  if (isTurn && username === undefined) {
    throw new Error(`"${line}" needs a user and a password: turn:USER:PASSWORD@HOST:PORT.`);
  }
  return { urls: `${scheme}:${host}`, ...(isTurn ? { username, credential } : {}) };
}

function fromJson(text: string): RTCIceServer[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The servers are not valid JSON: ${(cause as Error).message}.`);
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const isServer = (entry: unknown): entry is RTCIceServer =>
    typeof entry === 'object' && entry !== null && 'urls' in entry;
  if (!list.every(isServer)) throw new Error('Every server in the JSON list needs its "urls".');
  return list;
}
