// A class of the built page, for the bench and for the test of thirty: the page and its relay at one address, light pupils at
// another (class-pupil.ts), and what has come and gone over the teacher's connections.
import { once } from 'node:events';
import { builtPage } from '../scripts/build-page.mjs';
import { createPageServer } from '../scripts/page-server.mjs';
import { servePage } from '../scripts/serve-page.mjs';
import { root } from '../scripts/setup.mjs';

/**
 * @returns {Promise<{ url: string, lightUrl: (link: string, pupils: number) => string, close: () => Promise<void> }>} `url` of
 *   the built page; `lightUrl`: a page that is so many pupils of the class that the link leads to
 */
export async function serveClass() {
  const light = await servePage('bench/class-pupil.html');
  const { folder } = await builtPage(root);
  const server = await createPageServer(folder, { relay: { origins: [new URL(light.url).origin] } });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}/`;
  return {
    url,
    lightUrl: (link, pupils) =>
      `${light.url}?${new URLSearchParams({ pupils: String(pupils), page: url })}${new URL(link).hash}`,
    close: async () => {
      // Those of the relay end with their pages.
      server.close();
      server.closeAllConnections();
      await light.close();
    },
  };
}

/**
 * Opens a class on the server's relay and lets in whoever asks.
 *
 * @param {import('playwright-core').Page} teacher
 * @param {string} url of the built page
 * @returns {Promise<string>} the link for pupils
 */
export async function openClassOn(teacher, url) {
  await teacher.addInitScript(keepConnections);
  await teacher.goto(`${url}?preset=tiny&steps=100000&seed=3#/class`);
  await teacher.getByTestId('open-class').click();
  const link = await teacher.getByTestId('class-link').inputValue();
  await teacher.getByTestId('admit-until').check();
  return link;
}

/**
 * A pupil's page of the built site.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} link
 * @param {string} name
 */
export async function joinAs(page, link, name) {
  await page.goto(link);
  await page.getByTestId('pupil-name').fill(name);
  await page.getByTestId('pupil-join').click();
}

/** Runs in the page, before any of its scripts: remembers its connections. */
function keepConnections() {
  /** @type {RTCPeerConnection[]} */
  const made = [];
  const Original = RTCPeerConnection;
  class Kept extends Original {
    /** @param {RTCConfiguration} [configuration] */
    constructor(configuration) {
      super(configuration);
      made.push(this);
    }
  }
  Reflect.set(window, 'RTCPeerConnection', Kept);
  Reflect.set(window, 'madeConnections', made);
}

/**
 * What has come and gone over the connections of a page that are there, since they were made.
 *
 * @param {import('playwright-core').Page} teacher
 */
export const countMessages = teacher =>
  teacher.evaluate(async () => {
    const counts = { connections: 0, messagesReceived: 0, messagesSent: 0, received: 0, sent: 0, wire: 0 };
    /** @type {RTCPeerConnection[]} */
    const made = Reflect.get(window, 'madeConnections');
    for (const connection of made) {
      if (connection.connectionState !== 'connected') continue;
      counts.connections++;
      for (const report of (await connection.getStats()).values()) {
        if (report.type === 'data-channel') {
          counts.messagesReceived += report.messagesReceived;
          counts.messagesSent += report.messagesSent;
          counts.received += report.bytesReceived;
          counts.sent += report.bytesSent;
        } else if (report.type === 'transport') counts.wire += report.bytesReceived + report.bytesSent;
      }
    }
    return counts;
  });
