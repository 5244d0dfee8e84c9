// npm start: serves the page for use and development, and prints its address.
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const usage = 'npm start -- [--port 5173] [--host ADDRESS]';

const { port, host } = readOptions();
setUp();
const { createServer } = await import('vite');
const server = await createServer({ root, configFile: `${root}vite.config.ts`, server: { port, host } });
await server.listen();
console.log('\nIsobar is ready. Open it in Chrome, Edge, Safari or Firefox with WebGPU:');
server.printUrls();
if (host !== undefined) {
  console.log('\nOther machines need HTTPS for WebGPU: put a proxy with a certificate in front of the port.');
}

/** @returns {{ port: number | undefined, host: string | undefined }} */
function readOptions() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
      throw new Error(`--port is ${values.port}, but a port is a whole number from 1 to 65535.`);
    }
    return { port, host: values.host };
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\nUsage: ${usage}`);
    process.exit(2);
  }
}
