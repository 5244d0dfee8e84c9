// npm start: builds the page where it has changed, serves the build with a relay for rooms beside it, and prints its
// address.
import { readServeOptions } from './serve-options.mjs';
import { root, setUp } from './setup.mjs';

const options = readServeOptions('npm start');
setUp();
const { builtPage } = await import('./build-page.mjs');
const { listen } = await import('./listen.mjs');
const { createPageServer } = await import('./page-server.mjs');
const { announce, servingPlace, tellOfRefusals, turnOf } = await import('./serving-place.mjs');

const { folder, isNew } = await builtPage(root);
if (isNew) console.log('The page was built anew.');
const place = await servingPlace(options, `${root}.isobar`);
const turn = await turnOf(place);
const server = await createPageServer(folder, {
  certificate: place.certificate,
  relay: { names: place.names, origins: options.origins, onRefused: tellOfRefusals() },
  turn,
});
const port = await listen(server, place);
announce(place, port, 'open the page, and nothing else of this folder');
