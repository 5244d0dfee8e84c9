// npm run study: the terminal command of src/cli/study.ts, on a machine that may have nothing but Node.
// npm run study -- --docs [--shipped]: scripts/study-docs.mjs.
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../src/cli/study.ts');
const [first, second] = process.argv.slice(2);
if (first === '--docs') {
  const { remakeStudyDocs } = await import('./study-docs.mjs');
  process.exitCode = await remakeStudyDocs(main, second === '--shipped');
} else {
  process.exitCode = await main(process.argv.slice(2));
}
