// Requests to change to another protocol, such as a WebSocket's: where nobody answers one, it stays open for ever.

/**
 * The path that a request asks for, whatever else its target says; no target makes this fail.
 *
 * @param {Pick<import('node:http').IncomingMessage, 'url'>} request
 */
export const pathOf = ({ url = '' }) => url.split('?')[0];

/**
 * For a server on which only this path may be upgraded.
 *
 * @param {import('node:http').Server} server
 * @param {string} path answered by somebody else
 */
export function refuseOtherUpgrades(server, path) {
  server.on('upgrade', (request, stream) => {
    if (pathOf(request) !== path) refuseUpgrade(stream, '404 Not Found', 'There is nothing here.');
  });
}

/**
 * Answers as to any other request, and ends the connection.
 *
 * @param {import('node:stream').Duplex} stream
 * @param {string} status such as `404 Not Found`
 * @param {string} reason
 */
export function refuseUpgrade(stream, status, reason) {
  // Who is gone already is told nothing; without a listener the process would end.
  stream.on('error', () => {});
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(reason)}`,
  ];
  stream.end([...head, '', reason].join('\r\n'));
}
