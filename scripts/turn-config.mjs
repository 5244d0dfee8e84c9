// What turnserver (coturn) is told.

/**
 * A relay for the pages of this server and nothing else. What it passes on goes to addresses of this machine only, where
 * the other page's own relay socket is: from page to server, inside the server, and on to the other page. So nobody
 * reaches another machine through it who has not asked for a relay with credentials too, and a firewall needs to let
 * through the one port.
 *
 * @param {{ addresses: readonly string[], port: number, secret: string, folder: string }} options `addresses` of this
 *   machine on its networks; `folder` for what turnserver writes
 * @returns {string} the file `turnserver -c` reads
 */
export function turnConfig({ addresses, port, secret, folder }) {
  return [
    ...addresses.map(address => `listening-ip=${address}`),
    `listening-port=${port}`,
    'realm=isobar',
    'fingerprint',
    'use-auth-secret',
    `static-auth-secret=${secret}`,
    // What pages say to each other is encrypted from page to page (DTLS), relay or not.
    'no-tls',
    'no-dtls',
    'no-cli',
    'no-tcp-relay',
    // Loopback peers are denied unless allowed; these are what is left.
    'no-multicast-peers',
    'denied-peer-ip=0.0.0.0-255.255.255.255',
    'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    // An exception goes before the rule.
    ...addresses.map(address => `allowed-peer-ip=${address}`),
    // Answers to anybody are kept short, so that nobody gains by sending questions in another's name.
    'no-rfc5780',
    'no-stun-backward-compatibility',
    `userdb=${folder}/users`,
    `pidfile=${folder}/pid`,
    'log-file=stdout',
    'simple-log',
    '',
  ].join('\n');
}
