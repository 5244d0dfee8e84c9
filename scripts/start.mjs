// npm start: serves the page for use and development, with a relay for rooms beside it, and prints its address.
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const usage = 'npm start -- [--port 5173] [--lan | --host ADDRESS]';

const { port, host, lan } = readOptions();
setUp();
const { createServer } = await import('vite');
const { attachRelay } = await import('./relay.mjs');
const { lanCertificate, lanHosts } = await import('./certificate.mjs');
const { storeProxy } = await import('./store-proxy.mjs');

const { addresses, names } = lanHosts();
const everyHost = ['localhost', '127.0.0.1', '::1', ...addresses, ...names];
const certificate = lan ? await lanCertificate(`${root}.isobar`, everyHost) : undefined;

const server = await createServer({
  root,
  configFile: `${root}vite.config.ts`,
  plugins: [storeProxy(), tellOfServices()],
  server: {
    port,
    host: lan || host,
    https: certificate,
    // Addresses and localhost are allowed anyway.
    allowedHosts: names,
  },
});
if (server.httpServer === null) throw new Error('Vite made no server to attach the relay to.');
attachRelay(server.httpServer);
await server.listen();
console.log('\nIsobar is ready. Open it in Chrome, Edge, Safari or Firefox with WebGPU:');
if (certificate === undefined) {
  server.printUrls();
  if (host !== undefined) {
    console.log(
      '\nOther machines need HTTPS for WebGPU: use --lan, or put a proxy with a certificate in front.',
    );
  }
} else {
  printLan(certificate.fingerprint);
}

/** @param {string} fingerprint */
function printLan(fingerprint) {
  const address = server.httpServer?.address();
  const shownPort = typeof address === 'object' ? address?.port : port;
  const hosts = addresses.map(address => (address.includes(':') ? `[${address}]` : address));
  console.log(`  On this machine:   https://localhost:${shownPort}/`);
  for (const name of [...hosts, ...names]) console.log(`  On this network:   https://${name}:${shownPort}/`);
  console.log(`
The certificate was made on this machine, so each browser warns once. Accept it there:
  Chrome, Edge   Advanced, then "Continue to ... (unsafe)"
  Firefox        Advanced, then "Accept the Risk and Continue"
  Safari         Show Details, then "visit this website"
Who wants to be sure compares the certificate's SHA-256 fingerprint:
  ${fingerprint}
Everybody on this network can open the page and read the files of this folder that it is made of.`);
}

/**
 * The page offers the relay, and reads WeatherBench 2 through the proxy, where its server has them: see
 * `src/ui/invite-panel.ts` and `src/ui/data-source.ts`.
 *
 * @returns {import('vite').Plugin}
 */
function tellOfServices() {
  return {
    name: 'isobar-tell-of-services',
    transformIndexHtml: () =>
      ['isobar-relay', 'isobar-store-proxy'].map(name => ({
        tag: 'meta',
        attrs: { name },
        injectTo: 'head',
      })),
  };
}

/** @returns {{ port: number | undefined, host: string | undefined, lan: boolean }} */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        lan: { type: 'boolean', default: false },
      },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
      throw new Error(`--port is ${values.port}, but a port is a whole number from 1 to 65535.`);
    }
    if (values.lan && values.host !== undefined) {
      throw new Error('--lan serves on every address, so --host has no place beside it.');
    }
    return { port, host: values.host, lan: values.lan };
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\nUsage: ${usage}`);
    process.exit(2);
  }
}
