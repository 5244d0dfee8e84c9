// npm run forecast: the terminal command of src/cli/forecast.ts, on a machine that may have nothing but Node.
// tsx is registered in this process rather than run as a parent of it, so that Ctrl-C arrives once.
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../src/cli/forecast.ts');
process.exitCode = await main(process.argv.slice(2));
