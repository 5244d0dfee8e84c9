import { expect, test } from 'vitest';
import { type Invite, inviteLink, newRoom, parseInvite, relayBeside } from '../../../src/crew/invite.ts';
import { metered } from '../../fuzz/meter.ts';

const secret = 'abcdefghijklmnopqrstuv';
const invites: Invite[] = [
  { kind: 'tabs', ...newRoom() },
  { kind: 'internet', ...newRoom() },
  { kind: 'internet', ...newRoom(), relayUrls: ['wss://a.example', 'wss://b.example:4848/nostr.v1'] },
  { kind: 'relay', ...newRoom(), relayUrls: ['wss://192.0.2.7:5173/relay?a=b&c=%20,#d'] },
];

test.for(invites)('an invitation survives its link, and only the fragment carries it: $kind', invite => {
  const link = new URL(inviteLink('https://example.org/isobar/?lang=en#settings', invite));
  expect(`${link.origin}${link.pathname}${link.search}`).toBe('https://example.org/isobar/?lang=en');
  expect(parseInvite(link)).toEqual(invite);
  // The page of a guest has the view that it shows behind it.
  expect(parseInvite({ hash: `${link.hash}#/board` })).toEqual(invite);
});

test('a room and its secret are new each time, and the secret has at least 128 bits', () => {
  const rooms = Array.from({ length: 100 }, newRoom);
  expect(new Set(rooms.flatMap(({ room, secret }) => [room, secret])).size).toBe(200);
  for (const { secret } of rooms) expect(secret.length * 6).toBeGreaterThanOrEqual(128);
});

test('an address without an invitation invites to nothing', () => {
  expect(parseInvite({ hash: '' })).toBeUndefined();
  expect(parseInvite({ hash: '#settings' })).toBeUndefined();
});

test.for([
  ['#join=', /kind of room is unknown/],
  [`#join=pigeon.abcdefgh.${secret}`, /kind of room is unknown/],
  [`#join=tabs.abc.${secret}`, /name of the room is damaged/],
  [`#join=tabs.abcdefgh.${secret.slice(1)}`, /secret is damaged or too short/],
  ['#join=tabs.abcdefgh', /secret is damaged/],
  [`#join=tabs.abcdefgh.${secret}%20`, /secret is damaged/],
  [`#join=relay.abcdefgh.${secret}.https%3A%2F%2Fexample.org`, /no ws\(s\): address/],
  [`#join=relay.abcdefgh.${secret}.%E0%A4%A`, /no ws\(s\): address/],
  [`#join=relay.abcdefgh.${secret}.wss%3A%2F%2F${'x'.repeat(300)}`, /relay is too long/],
  [
    `#join=internet.abcdefgh.${secret}.${'wss%3A%2F%2Fa.example,'.repeat(10)}wss%3A%2F%2Fb`,
    /more than 10 relays/,
  ],
] as const)('a damaged invitation is refused with words: %s', ([hash, words]) => {
  expect(() => parseInvite({ hash })).toThrow(words);
  expect(() => parseInvite({ hash })).toThrow(/Ask for the whole link again/);
});

test.each([',', '.', 'a,'])('a link that goes on and on is not cut up: %s', async part => {
  const hash = `#join=relay.abcdefgh.${secret}.${part.repeat(50_000)}`;
  const { bytes, thrown } = await metered(() => parseInvite({ hash }), 0);
  expect(String(thrown?.error)).toMatch(
    /it has \d+ characters, more than 16384\. Ask for the whole link again/,
  );
  expect(bytes).toBeLessThan(2 ** 20);
});

test('ten relays with the longest addresses fit in a link', () => {
  const relayUrls = Array<string>(10).fill(`wss://example.org/${'%'.repeat(282)}`);
  const invite: Invite = { kind: 'internet', ...newRoom(), relayUrls };
  expect(parseInvite(new URL(inviteLink('https://example.org', invite)))).toEqual(invite);
});

test('the relay beside a page is as secure as the page', () => {
  expect(relayBeside('https://192.0.2.7:5173/?a#b')).toBe('wss://192.0.2.7:5173/relay');
  expect(relayBeside('http://localhost:5173/index.html')).toBe('ws://localhost:5173/relay');
});
