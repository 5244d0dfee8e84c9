// npm run dev: the page from its sources by Vite's development server, which follows their changes, with the same relay
// and the same way to WeatherBench 2 as `npm start` has.
import { readServeOptions } from './serve-options.mjs';
import { root, setUp } from './setup.mjs';

const options = readServeOptions('npm run dev');
setUp();
const { createServer } = await import('vite');
const { iceRoute } = await import('./ice-route.mjs');
const { attachRelay } = await import('./relay.mjs');
const { tellOfServices } = await import('./services.mjs');
const { announce, servingPlace, tellOfRefusals, turnOf } = await import('./serving-place.mjs');
const { storeProxy } = await import('./store-proxy.mjs');

const place = await servingPlace(options, `${root}.isobar`);
const known = { names: place.names, origins: options.origins };
const turn = await turnOf(place);
const server = await createServer({
  root,
  configFile: `${root}vite.config.ts`,
  plugins: [
    {
      name: 'isobar-services',
      configureServer: ({ middlewares }) => void middlewares.use(storeProxy()).use(iceRoute(turn, known)),
      transformIndexHtml: tellOfServices,
    },
  ],
  server: {
    port: place.port,
    host: place.host ?? true,
    https: place.certificate,
    // Addresses and localhost are allowed anyway.
    allowedHosts: [...place.names],
  },
});
if (server.httpServer === null) throw new Error('Vite made no server to attach the relay to.');
attachRelay(server.httpServer, {
  ...known,
  onRefused: tellOfRefusals(),
});
await server.listen();
const address = /** @type {import('node:net').AddressInfo} */ (server.httpServer.address());
announce(place, address.port, 'open the page, and read the files of this folder that it is made of');
