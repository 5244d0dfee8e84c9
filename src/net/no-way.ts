/**
 * Why two pages found no way to each other, told from what their connection has tried, and what to ask whoever keeps the
 * network. Pure: `way.ts` reads a connection.
 */

/** A candidate of ICE: an address at which a page may be reached. */
export interface Candidate {
  /** `host`: of the machine itself; `srflx`: as a STUN server sees it; `relay`: on a TURN server. */
  readonly type: string;
  /** An address, or a `.local` name that a browser gives in its place. */
  readonly address: string;
}

export interface Attempt {
  /** STUN and TURN servers that were asked, such as `stun:192.0.2.1:3478`. */
  readonly servers: readonly string[];
  /** What this page found for itself, and what the other page told of itself. */
  readonly own: readonly Candidate[];
  readonly other: readonly Candidate[];
  /** Whether the address of a `host` candidate of the other page became known, its name being looked up where it has one. */
  readonly foundHost: boolean;
  /** A server refused the user or the password. */
  readonly refused: boolean;
}

/**
 * - `names`: names ending in .local are all that the pages know of each other, and they lead nowhere;
 * - `server`, `other-server`: none of the servers has answered this page, or the other one;
 * - `refused`: a TURN server refused the user or the password;
 * - `apart`: the pages know each other's addresses, but nothing gets through;
 * - `relay`: both have a relay, and yet nothing gets through;
 * - `unknown`: the other page has told nothing of itself.
 */
export type NoWay = 'names' | 'server' | 'other-server' | 'refused' | 'apart' | 'relay' | 'unknown';

const isName = ({ address }: Candidate) => address.endsWith('.local');
/** Only its machine's own name: no server has told it anything. */
const isHidden = (candidate: Candidate) => candidate.type === 'host' && isName(candidate);
const isRelay = ({ type }: Candidate) => type === 'relay';

export function noWay({ servers, own, other, foundHost, refused }: Attempt): NoWay {
  if (other.length === 0) return 'unknown';
  if (refused && !own.some(isRelay)) return 'refused';
  if (servers.length > 0) {
    if (own.every(isHidden)) return 'server';
    if (other.every(isHidden)) return 'other-server';
    if (own.some(isRelay) && other.some(isRelay)) return 'relay';
  }
  return other.every(isHidden) && !foundHost ? 'names' : 'apart';
}

/** What was found, and what to do. @param servers those that were asked */
export function noWayWords(cause: NoWay, servers: readonly string[]): string {
  const [first = ''] = servers;
  const host = first.replace(/^\w+:|\?.*$/g, '');
  switch (cause) {
    case 'names':
      return `browsers hide their addresses behind names that end in .local, and these are found by multicast, which this network does not let through. ${lan} Or ask who keeps the network to let multicast DNS through between its machines (UDP port 5353, address 224.0.0.251)`;
    case 'server':
      return `no answer came to this page from ${host}, which tells pages their addresses (STUN) and passes on what they say (TURN). ${portWords(host)}`;
    case 'other-server':
      return `no answer came to the other page from ${host}, which tells pages their addresses (STUN) and passes on what they say (TURN). ${portWords(host)}`;
    case 'refused':
      return `the TURN server ${host} refused the user or the password. Write both anew in the settings; those of npm start end after a day, and with it: load the page again`;
    case 'apart':
      return `the pages know each other's addresses, but nothing that one sends arrives at the other: the network keeps its machines apart (client isolation), or a firewall on one of the two does. ${lan} Or ask who keeps the network to let its machines send UDP to each other`;
    case 'relay':
      return `the TURN server ${host} answers both pages, but what one sends through it does not arrive at the other. Look at what it allows`;
    case 'unknown':
      return 'the pages could not connect directly; a TURN server in the settings may help';
  }
}

const lan =
  'Serve the page with npm start -- --lan on a machine that has coturn, or name a TURN server in the settings.';

const portWords = (host: string) =>
  `Ask who keeps the network, and look at the firewall of the machine that serves, to let UDP and TCP through to ${host}`;
