/** `npm run train`: one run from the terminal, from its arguments to its exit code. */
import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { RunResult, RunStatus } from '../session/api.ts';
import { leadTime } from '../ui/format.ts';
import {
  parseTrainArguments,
  type TrainCommand,
  type TrainSettings,
  UsageError,
  usage,
} from './arguments.ts';
import { type HeadlessPage, openPage } from './browser.ts';
import { interruption } from './interrupt.ts';
import {
  checkFiles,
  copyEvents,
  createFolder,
  openFolder,
  type RunPaths,
  replaceFile,
  rewindEvents,
} from './output-folder.ts';
import { type ProgressBar, progressBar } from './progress-bar.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { type RunServer, startServer } from './server.ts';
import { writeReport } from './write-report.ts';

/** Exit codes. 130 is what shells expect of a program ended by Ctrl-C. */
const exit = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Runs the command and returns its exit code; standard output gets the result, standard error all else. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = parseTrainArguments(argv);
    if (command.kind === 'help') {
      console.log(usage);
      return exit.done;
    }
    return await run(command);
  } catch (error) {
    console.error((error as Error).message);
    if (!(error instanceof UsageError)) return exit.failed;
    console.error('See npm run train -- --help.');
    return exit.usage;
  }
}

type RunCommand = Exclude<TrainCommand, { kind: 'help' }>;

/** A run ready to start: its folder, and the checkpoint to start from. */
interface PlannedRun {
  readonly run: RunPaths;
  readonly settings: TrainSettings;
  readonly checkpoint?: string;
}

async function plan(command: RunCommand): Promise<PlannedRun> {
  if (command.kind === 'new') {
    const data = await checkFiles(command.settings.data);
    return { run: await createFolder(command.out), settings: { ...command.settings, data } };
  }
  const old = await openFolder(command.from);
  const settings = { ...old.settings, ...command.changes };
  const data = await checkFiles(settings.data);
  const moved = command.out !== command.from;
  const run = moved ? await createFolder(command.out) : old.run;
  if (moved) await copyEvents(old.run, run);
  return { run, settings: { ...settings, data }, checkpoint: old.run.checkpoint };
}

async function run(command: RunCommand): Promise<number> {
  const planned = await plan(command);
  await replaceFile(planned.run.config, `${JSON.stringify(planned.settings, null, 2)}\n`);
  const stop = interruption();
  const server = await startServer();
  try {
    return await drive(planned, server, stop.signal, command);
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
    headless = await openPage(server.pageUrl, recorder.onEvent);
    const finished = await Promise.race([
      headless.died,
      trainOn(headless.page, planned, server, stop, bar, recorder),
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
    const message = recorder.error?.message ?? pageMessage(error as Error);
    const resumable = (recorder.error?.resumable ?? true) && existsSync(run.checkpoint);
    throw new Error(
      resumable ? `${message}\nThe last checkpoint is in ${run.checkpoint}. ${resumeHint}` : message,
    );
  } finally {
    await headless?.close();
  }
}

/** Trains to the end, or to the moment of `stop`: then the checkpoint is saved and there is no result. */
async function trainOn(
  page: Page,
  { run, settings, checkpoint }: PlannedRun,
  server: RunServer,
  stop: AbortSignal,
  bar: ProgressBar,
  recorder: Recorder,
): Promise<RunResult | undefined> {
  const config = { ...settings, data: pageData(settings, server) };
  const info = await Promise.race([
    rejectOnAbort(stop),
    page.evaluate(c => window.isobar.prepare(c), config),
  ]);
  bar.note(
    `${info.adapter.description || `${info.adapter.vendor} ${info.adapter.architecture}`}; ${info.source}`,
  );
  if (checkpoint !== undefined) {
    const url = server.serveFile(checkpoint);
    recorder.step = await page.evaluate(u => window.isobar.importCheckpoint(u), url);
    // What the session said while it was being prepared comes before the rewinding.
    await recorder.written();
    await rewindEvents(run, recorder.step);
    bar.note(`Resumed at step ${recorder.step} of ${settings.steps}.`);
  }

  stop.throwIfAborted();
  stop.addEventListener('abort', () => {
    bar.note('Saving a checkpoint; press Ctrl-C again to end without it.');
    // A page that cannot pause any more has died, or has failed: train() says so.
    page.evaluate(() => window.isobar.pause()).catch(() => {});
  });
  const status: RunStatus = await page.evaluate(() => window.isobar.train());
  if (status === 'failed') throw new Error('The run failed.');
  recorder.saveCheckpoint();
  await recorder.written();
  if (status === 'paused') return undefined;
  const result = await page.evaluate(() => window.isobar.result());
  await writeReport(run, settings, info, result, page);
  return result;
}

function pageData({ data }: TrainSettings, server: RunServer) {
  if (data.kind === 'embedded') return data;
  const files = data.files.map(path => ({ name: path.replace(/^.*[\\/]/, ''), url: server.serveFile(path) }));
  return { kind: 'files' as const, files };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // After preparation nobody waits for it any more.
  aborted.catch(() => {});
  return aborted;
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
  console.error(`Report: ${run.report}`);
  if (json) console.log(JSON.stringify(result));
}
