/** `npm run train`: one run from the terminal, from its arguments to its exit code. */
import type { RunEvent, RunResult, RunStatus } from '../session/api.ts';
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
  appendEvent,
  checkFiles,
  copyEvents,
  createFolder,
  openFolder,
  type RunPaths,
  replaceFile,
  rewindEvents,
} from './output-folder.ts';
import { progressBar } from './progress-bar.ts';
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
  { run, settings, checkpoint }: PlannedRun,
  server: RunServer,
  stop: AbortSignal,
  { out, json }: RunCommand,
): Promise<number> {
  const bar = progressBar(process.stderr);
  const checkpointUrl = server.receive(body => replaceFile(run.checkpoint, body));
  let headless: HeadlessPage | undefined;
  let lastError: Extract<RunEvent, { type: 'error' }>['error'] | undefined;
  let step = 0;
  /** Writes to the folder one after the other, in the order of events. */
  let writing: Promise<void> = Promise.resolve();

  const saveCheckpoint = () => {
    writing = writing.then(() =>
      headless?.page.evaluate(url => window.isobar.exportCheckpoint(url), checkpointUrl),
    );
  };
  const onEvent = (event: RunEvent) => {
    if (event.type === 'progress') return bar.stage(event.stage, event.fraction);
    writing = writing.then(() => appendEvent(run, event));
    if (event.type === 'metrics') {
      step = event.step;
      bar.training({ ...event, steps: settings.steps, loss: event.losses[event.losses.length - 1] });
    }
    if (event.type === 'warning') bar.note(`Warning: ${event.message}`);
    if (event.type === 'error') lastError = event.error;
    if (event.type === 'checkpoint') saveCheckpoint();
  };
  const resumeHint = `Continue with: npm run train -- --resume ${out}`;

  try {
    headless = await openPage(server.pageUrl, onEvent);
    const { page, died } = headless;
    const untilStopped = rejectOnAbort(stop);
    const config = { ...settings, data: pageData(settings, server) };
    const info = await Promise.race([
      died,
      untilStopped,
      page.evaluate(c => window.isobar.prepare(c), config),
    ]);
    bar.note(
      `${info.adapter.description || `${info.adapter.vendor} ${info.adapter.architecture}`}; ${info.source}`,
    );
    if (checkpoint !== undefined) {
      const url = server.serveFile(checkpoint);
      step = await Promise.race([died, page.evaluate(u => window.isobar.importCheckpoint(u), url)]);
      await rewindEvents(run, step);
      bar.note(`Resumed at step ${step} of ${settings.steps}.`);
    }

    stop.throwIfAborted();
    stop.addEventListener('abort', () => {
      bar.note('Saving a checkpoint; press Ctrl-C again to end without it.');
      // A page that cannot pause any more has died, or has failed: train() says so.
      page.evaluate(() => window.isobar.pause()).catch(() => {});
    });
    const status: RunStatus = await Promise.race([died, page.evaluate(() => window.isobar.train())]);
    if (status === 'failed') throw new Error('The run failed.');
    saveCheckpoint();
    await Promise.race([died, writing]);
    if (status === 'paused') {
      bar.finish();
      console.error(`Stopped at step ${step} of ${settings.steps}; the checkpoint is saved. ${resumeHint}`);
      return exit.interrupted;
    }

    const result = await Promise.race([died, page.evaluate(() => window.isobar.result())]);
    await Promise.race([died, writeReport(run, settings, info, result, page)]);
    bar.finish();
    printResult(result, run, json);
    return exit.done;
  } catch (error) {
    bar.finish();
    if (stop.aborted && step === 0) {
      console.error('Stopped before the first step; nothing was saved.');
      return exit.interrupted;
    }
    // What was being written is lost or was in the error already; what is on the disk is whole.
    await writing.catch(() => {});
    const resumable = lastError?.resumable ?? step > 0;
    const message = lastError?.message ?? pageMessage(error as Error);
    throw new Error(
      resumable ? `${message}\nThe last checkpoint is in ${run.checkpoint}. ${resumeHint}` : message,
    );
  } finally {
    await headless?.close();
  }
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
