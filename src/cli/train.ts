/** `npm run train`: one run from the terminal, from its arguments to its exit code. */
import { existsSync } from 'node:fs';
import type { RunResult } from '../session/api/api.ts';
import { presetOf } from '../session/api/settings.ts';
import { leadTime } from '../show/format.ts';
import { parseTrainArguments, type TrainCommand, type TrainSettings } from './arguments.ts';
import { type HeadlessPage, openPage } from './browser.ts';
import { conduct, type PlannedRun } from './conduct.ts';
import { checkData, movedData } from './data-source.ts';
import { interruption } from './interrupt.ts';
import { meshSettings } from './mesh-settings.ts';
import { usage } from './options.ts';
import { copyEvents, createFolder, openFolder, type RunPaths, replaceFile } from './output-folder.ts';
import { progressBar } from './progress-bar.ts';
import { rankHead, rankRows, textTable } from './rank-table.ts';
import { createRecorder } from './recorder.ts';
import { type RunServer, startServer } from './server.ts';
import { UsageError } from './usage-error.ts';

/** Exit codes. 130 is what shells expect of a program ended by Ctrl-C. */
const exit = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs the command and returns its exit code; standard output gets the result, standard error all else.
 *
 * @param open opens the browser: for tests, that need a hand on its pages
 */
export async function main(argv: readonly string[], open = openPage): Promise<number> {
  try {
    const command = parseTrainArguments(argv);
    if (command.kind === 'help') {
      console.log(usage);
      return exit.done;
    }
    return await run(command, open);
  } catch (error) {
    console.error((error as Error).message);
    if (!(error instanceof UsageError)) return exit.failed;
    console.error('See npm run train -- --help.');
    return exit.usage;
  }
}

type RunCommand = Exclude<TrainCommand, { kind: 'help' }>;

async function plan(command: RunCommand): Promise<PlannedRun> {
  if (command.kind === 'new') {
    const settings = await checked(command.settings);
    return { run: await createFolder(command.out), settings };
  }
  const old = await openFolder(command.from);
  const { accumulate = old.settings.overrides.accumulate } = command;
  const overrides = { ...old.settings.overrides, ...(accumulate !== undefined && { accumulate }) };
  const batch = { batch: presetOf(old.settings.preset).batch, ...overrides };
  const settings = await checked({
    ...old.settings,
    ...command.changes,
    overrides,
    data: movedData(old.settings.data, command.changes.data),
    mesh: meshSettings(command.mesh, batch, old.settings.mesh),
  });
  const moved = command.out !== command.from;
  const run = moved ? await createFolder(command.out) : old.run;
  if (moved) await copyEvents(old.run, run);
  return { run, settings, checkpoint: old.run.checkpoint };
}

async function checked(settings: TrainSettings): Promise<TrainSettings> {
  const { rows = 1, columns = 1 } = settings.mesh ?? {};
  return { ...settings, data: await checkData(settings.data, rows * columns) };
}

async function run(command: RunCommand, open: typeof openPage): Promise<number> {
  const planned = await plan(command);
  await replaceFile(planned.run.config, `${JSON.stringify(planned.settings, null, 2)}\n`);
  const stop = interruption();
  const server = await startServer();
  try {
    return await drive(planned, server, stop.signal, command, open);
  } finally {
    stop.release();
    await server.close();
  }
}

/** Drives the page: prepare, train, and keep what comes out. */
async function drive(
  planned: PlannedRun,
  server: RunServer,
  stop: AbortSignal,
  { out, json }: RunCommand,
  open: typeof openPage,
): Promise<number> {
  const { run, settings } = planned;
  const bar = progressBar(process.stderr);
  const checkpointUrl = server.receive(body => replaceFile(run.checkpoint, body));
  const keepCheckpoint = async () =>
    headless?.page.evaluate(url => window.isobar.exportCheckpoint(url), checkpointUrl);
  const recorder = createRecorder(run, settings.steps, bar, keepCheckpoint);
  const resumeHint = `Continue with: npm run train -- --resume ${out}`;
  let headless: HeadlessPage | undefined;
  try {
    headless = await open(server.pageUrl, recorder.onEvent);
    const finished = await Promise.race([
      headless.died,
      conduct(headless, planned, server, { stop, bar, recorder }),
    ]);
    bar.finish();
    if (finished === undefined) {
      console.error(
        `Stopped at step ${recorder.step} of ${settings.steps}; the checkpoint is saved. ${resumeHint}`,
      );
      return exit.interrupted;
    }
    printResult(finished, run, json);
    return exit.done;
  } catch (error) {
    bar.finish();
    if (error === stop.reason) {
      console.error('Stopped before training began: there is nothing new to save.');
      return exit.interrupted;
    }
    const message = recorder.error?.stack ?? recorder.error?.message ?? pageMessage(error as Error);
    const resumable = (recorder.error?.resumable ?? true) && existsSync(run.checkpoint);
    throw new Error(
      resumable ? `${message}\nThe last checkpoint is in ${run.checkpoint}. ${resumeHint}` : message,
    );
  } finally {
    await headless?.close();
  }
}

/** Playwright puts the call before, and the page's stack after, the message of an error. */
function pageMessage(error: Error): string {
  return error.message.replace(/^page\.evaluate: (\w*Error: )?/, '').split('\n    at ')[0];
}

function printResult(result: RunResult, run: RunPaths, json: boolean): void {
  for (const row of result.skill) {
    console.error(
      `${row.channel} +${leadTime(row.leadHours)}: RMSE ${row.rmse.toPrecision(4)} ${row.units}, persistence ` +
        `${row.persistence.toPrecision(4)}, climatology ${row.climatology.toPrecision(4)}, ACC ${row.acc.toFixed(3)}`,
    );
  }
  if (result.ranks.length > 0) console.error(textTable(rankHead, rankRows(result.ranks)));
  console.error(`Report: ${run.report}`);
  if (json) console.log(JSON.stringify(result));
}
