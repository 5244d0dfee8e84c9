/** Why pages find no way to each other, told from what a connection has tried. */
import { expect, test } from 'vitest';
import { type Attempt, type NoWay, noWay, noWayWords } from '../../../src/net/no-way.ts';
import { candidatesIn } from '../../../src/net/way.ts';

const name = { type: 'host', address: '1f4712db-ea17-4bcf-a596-105139dfd8bf.local' };
const plain = { type: 'host', address: '192.0.2.4' };
const seen = { type: 'srflx', address: '192.0.2.4' };
const relayed = { type: 'relay', address: '192.0.2.1' };
const stun = ['stun:192.0.2.1:3478'];
const turn = [...stun, 'turn:192.0.2.1:3478', 'turn:192.0.2.1:3478?transport=tcp'];

const cases: readonly [string, Partial<Attempt>, NoWay][] = [
  ['no server, and names that lead nowhere', {}, 'names'],
  ['no server, names that were looked up', { foundHost: true }, 'apart'],
  ['no server, and a page whose address is no secret', { other: [plain] }, 'apart'],
  ['a server that answered both', { servers: stun, own: [name, seen], other: [name, seen] }, 'apart'],
  ['a server that answered neither', { servers: turn }, 'server'],
  ['a server that answered the other page alone', { servers: turn, other: [name, seen, relayed] }, 'server'],
  ['a server that answered this page alone', { servers: turn, own: [name, seen, relayed] }, 'other-server'],
  ['a relay that leads nowhere', { servers: turn, own: [relayed], other: [relayed] }, 'relay'],
  [
    'credentials that were refused',
    { servers: turn, own: [name, seen], other: [name, seen], refused: true },
    'refused',
  ],
  [
    'credentials that one of two servers refused',
    { servers: turn, own: [relayed], other: [relayed], refused: true },
    'relay',
  ],
  [
    'a page of plain addresses, which STUN need not repeat',
    { servers: stun, own: [plain], other: [plain] },
    'apart',
  ],
  ['a page that has said nothing', { other: [] }, 'unknown'],
];

test.each(cases)('%s', (_, tried, cause) => {
  const attempt = { servers: [], own: [name], other: [name], foundHost: false, refused: false, ...tried };
  expect(noWay(attempt)).toBe(cause);
});

const asked: readonly [NoWay, string][] = [
  ['names', 'let multicast DNS through between its machines (UDP port 5353, address 224.0.0.251)'],
  ['apart', 'to let its machines send UDP to each other'],
  ['server', 'to let UDP and TCP through to 192.0.2.1:3478'],
  ['other-server', 'to let UDP and TCP through to 192.0.2.1:3478'],
];

test.each(asked)('for %s the page says what to ask who keeps the network', (cause, request) => {
  const words = noWayWords(cause, turn);
  expect(words).toContain(request);
  // Words that end a link travel in messages of 500 characters, behind others.
  expect(words.length).toBeLessThan(420);
});

test('candidates are read from a description, in which those are too that came later', () => {
  const sdp = [
    'v=0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    `a=candidate:3448921486 1 udp 2113937151 ${name.address} 43713 typ host generation 0`,
    'a=candidate:1 1 udp 1677732095 192.0.2.4 43713 typ srflx raddr 0.0.0.0 rport 0 generation 0',
    'a=candidate:2 1 udp 33562367 2001:db8::1 65535 typ relay raddr 192.0.2.4 rport 43713 generation 0',
    'a=end-of-candidates',
  ].join('\r\n');
  expect(candidatesIn({ sdp })).toEqual([name, seen, { type: 'relay', address: '2001:db8::1' }]);
  expect(candidatesIn(null)).toEqual([]);
});
