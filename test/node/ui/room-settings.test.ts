import { expect, test } from 'vitest';
import { parseIceServers } from '../../../src/ui/ice-servers.ts';
import { parseRelayUrls } from '../../../src/ui/relay-urls.ts';
import { localNetworkWords } from '../../../src/ui/share/local-network.ts';

const https = { protocol: 'https:' };
const http = { protocol: 'http:' };

test('relays are written one a line', () => {
  expect(parseRelayUrls(' \n ', https)).toBeUndefined();
  expect(parseRelayUrls('wss://a.example\n\n  wss://b.example:4848/nostr?x=1 \n', https)).toEqual([
    'wss://a.example',
    'wss://b.example:4848/nostr?x=1',
  ]);
  expect(parseRelayUrls('ws://127.0.0.1:7000', http)).toEqual(['ws://127.0.0.1:7000']);
});

test.for([
  ['wss://a.example\nb.example', '"b.example" is no relay: write wss://HOST or wss://HOST:PORT/PATH.'],
  ['https://a.example', '"https://a.example" is no relay'],
  ['wss://a b', '"wss://a b" is no relay'],
  ['wss://a.example\n'.repeat(11), '11 relays are named; an invitation has room for 10.'],
  ['ws://a.example', '"ws://a.example" is not encrypted, which a page of HTTPS does not allow'],
] as const)('what is no relay is refused with words: %s', ([text, words]) => {
  expect(() => parseRelayUrls(text, https)).toThrow(words);
});

test('STUN and TURN servers are written one a line, or as JSON', () => {
  expect(parseIceServers('\n')).toBeUndefined();
  expect(parseIceServers('stun:a.example:3478\n turn:me:word@b.example:3478')).toEqual([
    { urls: 'stun:a.example:3478' },
    { urls: 'turn:b.example:3478', username: 'me', credential: 'word' },
  ]);
  expect(parseIceServers('[]')).toEqual([]);
  expect(parseIceServers('{"urls": "stun:a.example"}')).toEqual([{ urls: 'stun:a.example' }]);
});

test.for([
  ['a.example', '"a.example" is no STUN or TURN server'],
  ['turn:b.example', '"turn:b.example" needs a user and a password'],
  ['[{]', 'not valid JSON'],
  ['[{"url": "stun:a.example"}]', 'needs its "urls"'],
] as const)('what is no server is refused with words: %s', ([text, words]) => {
  expect(() => parseIceServers(text)).toThrow(words);
});

test('only a browser on macOS is told of what that will ask', () => {
  const mac = { platform: 'MacIntel', maxTouchPoints: 0 };
  expect(localNetworkWords(mac)).toContain('Local Network');
  expect(localNetworkWords({ ...mac, userAgentData: { platform: 'macOS' } })).toContain('Local Network');
  for (const other of [
    { platform: 'Win32', maxTouchPoints: 0 },
    { platform: 'Linux x86_64', maxTouchPoints: 0, userAgentData: { platform: 'Chrome OS' } },
    { platform: 'MacIntel', maxTouchPoints: 5 },
  ]) {
    expect(localNetworkWords(other)).toBe('');
  }
});
