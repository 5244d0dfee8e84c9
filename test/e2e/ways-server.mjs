// Serves the page of ways.test.ts as `npm start -- --lan` serves the main one, and prints its port when it is there:
// node ways-server.mjs FOLDER PAGE CERTIFICATES
import { listen } from '../../scripts/listen.mjs';
import { createPageServer } from '../../scripts/page-server.mjs';
import { servingPlace, turnOf } from '../../scripts/serving-place.mjs';

const [folder, page, certificates] = process.argv.slice(2);
const place = await servingPlace({ port: undefined, host: undefined, lan: true, origins: [] }, certificates);
const turn = await turnOf(place);
const { certificate, names } = place;
const server = await createPageServer(folder, { certificate, page, relay: { names }, turn });
console.log(`port ${await listen(server, place)}`);
