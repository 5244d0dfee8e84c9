// npm run data: the terminal command of src/cli/data.ts, on a machine that may have nothing but Node.
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../src/cli/data.ts');
process.exitCode = await main(process.argv.slice(2));
