// npm run study: the terminal command of src/cli/study.ts, on a machine that may have nothing but Node.
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../src/cli/study.ts');
process.exitCode = await main(process.argv.slice(2));
