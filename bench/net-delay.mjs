// A long line between two pages of one browser: their datagrams go through sockets of this process, which pass them on
// later. Every candidate's port gets a socket of its own in front of it, and the pages are told of that one only.
import dgram from 'node:dgram';

/** Host candidates must carry addresses, not mDNS names. */
export const delayFlags = ['--disable-features=WebRtcHideLocalIpsWithMdns'];

/**
 * @param {import('playwright-core').BrowserContext} context whose pages signal candidates over a BroadcastChannel
 * @param {number} ms one way
 */
export async function delayDatagrams(context, ms) {
  /** By the port that a page listens on. @type {Map<number, dgram.Socket>} */
  const fronts = new Map();
  /** @type {{ at: number, send: () => void }[]} */
  const onTheWay = [];

  function deliver() {
    while (onTheWay.length > 0 && onTheWay[0].at <= performance.now()) onTheWay.shift()?.send();
    if (onTheWay.length > 0) setTimeout(deliver, 1);
  }

  /** @param {string} address @param {number} port */
  async function frontOf(address, port) {
    const known = fronts.get(port);
    if (known !== undefined) return known;
    const front = dgram.createSocket({ type: 'udp4', recvBufferSize: 2 ** 22 });
    fronts.set(port, front);
    await new Promise(resolve => front.bind(0, '0.0.0.0', () => resolve(undefined)));
    front.on('message', (datagram, sender) => {
      // The receiver must see the sender's front: it answers there.
      const send = () => fronts.get(sender.port)?.send(datagram, port, address);
      onTheWay.push({ at: performance.now() + ms, send });
      if (onTheWay.length === 1) setTimeout(deliver, 1);
    });
    return front;
  }

  await context.exposeBinding('frontCandidate', async (_, /** @type {string} */ candidate) => {
    const fields = candidate.split(' ');
    if (fields[2].toLowerCase() !== 'udp' || fields[4].includes(':')) return '';
    const front = await frontOf(fields[4], Number(fields[5]));
    fields[5] = String(front.address().port);
    return fields.join(' ');
  });
  await context.addInitScript(() => {
    const post = BroadcastChannel.prototype.postMessage;
    BroadcastChannel.prototype.postMessage = async function (message) {
      if (message?.candidate === undefined) return post.call(this, message);
      const candidate = await Reflect.get(window, 'frontCandidate')(message.candidate.candidate);
      if (candidate !== '') post.call(this, { ...message, candidate: { ...message.candidate, candidate } });
    };
  });
  return {
    close() {
      for (const front of fronts.values()) front.close();
    },
  };
}
