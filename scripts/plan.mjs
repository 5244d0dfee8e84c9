// npm run plan: the terminal command of src/cli/plan.ts, on a machine that may have nothing but Node.
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { loadAllKinds } = await import('../src/train/load-kinds.ts');
const { main } = await import('../src/cli/plan.ts');
await loadAllKinds();
process.exitCode = main(process.argv.slice(2));
