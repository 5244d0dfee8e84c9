// npm run fuzz: changed inputs for everything that reads what comes from elsewhere (docs/testing.md).
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../test/fuzz/main.ts');
process.exitCode = await main(process.argv.slice(2));
