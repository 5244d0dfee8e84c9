// npm run graduate: the terminal command of src/cli/graduate.ts, on a machine that may have nothing but Node.
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../src/cli/graduate.ts');
process.exitCode = await main(process.argv.slice(2));
