// The command that trains a study, with `stand-in-train.mjs` in the place of `npm run train`, which needs a browser. All else is
// as it is: processes, their guard, locks and files.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const { main } = await import('../../../src/cli/study.ts');
const { trainRun } = await import('../../../src/cli/study-run.ts');
const standIn = fileURLToPath(new URL('stand-in-train.mjs', import.meta.url));
process.exitCode = await main(process.argv.slice(2), (run, folder, transport, stop) =>
  trainRun(run, folder, transport, stop, standIn),
);
