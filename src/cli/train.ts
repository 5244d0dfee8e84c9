/** `npm run train`: one run from the terminal, from its arguments to its exit code. */
import { existsSync } from 'node:fs';
import { usualSettings } from '../energy/settings.ts';
import type { RunResult } from '../session/api/api.ts';
import { presetOf } from '../session/api/settings.ts';
import { type EnergySummary, energyRows } from '../show/energy-summary.ts';
import { count } from '../show/format.ts';
import { rankHead, rankRows, textTable } from '../show/rank-table.ts';
import { scoreTable } from '../show/score-table.ts';
import { parseTrainArguments, type TrainCommand, type TrainSettings } from './arguments.ts';
import { answerOf, PageError } from './bridge.ts';
import { type HeadlessPage, openPage } from './browser.ts';
import { checkData } from './check-data.ts';
import { conduct, type PlannedRun } from './conduct.ts';
import { movedData } from './data-source.ts';
import { interruption } from './interrupt.ts';
import { meshSettings } from './mesh-settings.ts';
import { carryOver } from './old-metrics.ts';
import { usage } from './options.ts';
import {
  clearFolder,
  copyHistory,
  dropTornLines,
  makeFolder,
  openFolder,
  type RunPaths,
  replaceFile,
  requireRun,
  writeBeside,
} from './output-folder.ts';
import { progressBar } from './progress-bar.ts';
import { createRecorder } from './recorder.ts';
import { createRunEnergy } from './run-energy.ts';
import { lockFolder } from './run-lock.ts';
import { type RunServer, startServer } from './server.ts';
import { traceFile } from './trace-file.ts';
import { UsageError } from './usage-error.ts';

/** Said of the file of a run of an earlier version. */
const carriedOver =
  'is of an earlier version of Isobar: its steps go on in metrics.csv, without the norms of their gradients, and all ' +
  'else in events.jsonl.';

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

/** Runs the command in its folder, which nobody else writes meanwhile. */
async function run(command: RunCommand, open: typeof openPage): Promise<number> {
  // What makes no sense ends before anything is written.
  const settings = command.kind === 'new' ? await checked(command.settings) : undefined;
  if (command.kind === 'resume') requireRun(command.from);
  const stop = interruption();
  try {
    await makeFolder(command.out);
    const lock = lockFolder(command.out);
    try {
      const planned =
        command.kind === 'resume'
          ? await planResumed(command)
          : { run: await clearFolder(command.out), settings: settings! };
      return await serve(planned, stop.signal, command, open);
    } finally {
      lock.release();
    }
  } finally {
    stop.release();
  }
}

async function planResumed(command: Extract<RunCommand, { kind: 'resume' }>): Promise<PlannedRun> {
  const old = await openFolder(command.from);
  const { accumulate = old.settings.overrides.accumulate } = command;
  const overrides = { ...old.settings.overrides, ...(accumulate !== undefined && { accumulate }) };
  const batch = { batch: presetOf(old.settings.preset).batch, ...overrides };
  const settings = await checked({
    ...old.settings,
    ...command.changes,
    overrides,
    data: movedData(old.settings.data, command.data),
    mesh: meshSettings(command.mesh, batch, old.settings.mesh),
  });
  const moved = command.out !== command.from;
  const run = moved ? await clearFolder(command.out) : old.run;
  if (moved) await copyHistory(old.run, run);
  await dropTornLines(run);
  return { run, settings, checkpoint: old.run.checkpoint, isCarriedOver: await carryOver(run) };
}

async function checked(settings: TrainSettings): Promise<TrainSettings> {
  const named = { name: settings.preset, preset: presetOf(settings.preset) };
  return { ...settings, data: await checkData(settings.data, named) };
}

async function serve(
  planned: PlannedRun,
  stop: AbortSignal,
  command: RunCommand,
  open: typeof openPage,
): Promise<number> {
  await replaceFile(planned.run.config, `${JSON.stringify(planned.settings, null, 2)}\n`);
  const server = await startServer();
  try {
    return await drive(planned, server, stop, command, open);
  } finally {
    await server.close();
  }
}

/** Drives the page: prepare, train, and keep what comes out. */
async function drive(
  planned: PlannedRun,
  server: RunServer,
  stop: AbortSignal,
  { out, json, trace, traceDetail = 'kernel', energy: said = usualSettings }: RunCommand,
  open: typeof openPage,
): Promise<number> {
  const { run, settings, isCarriedOver } = planned;
  const bar = progressBar(process.stderr);
  const checkpointUrl = server.receive(body => writeBeside(run.checkpoint, body));
  const exportCheckpoint = () =>
    answerOf(headless!.page.evaluate(url => window.isobar.exportCheckpoint(url), checkpointUrl));
  const traces = trace === undefined ? undefined : traceFile(trace, traceDetail);
  const energy = createRunEnergy(said);
  const recorder = createRecorder(run, settings.steps, bar, exportCheckpoint, traces, energy);
  const resumeHint = `Continue with: npm run train -- --resume ${out}`;
  let headless: HeadlessPage | undefined;
  if (isCarriedOver) bar.note(`${run.oldEvents} ${carriedOver}`);
  try {
    headless = await open(server.pageUrl, recorder.onEvent);
    const finished = await Promise.race([
      headless.died,
      conduct(headless, planned, server, { stop, bar, recorder, energy, traces }),
    ]);
    bar.finish();
    if (finished === undefined) {
      console.error(
        `Stopped at step ${count(recorder.step)} of ${count(settings.steps)}; the checkpoint is saved. ${resumeHint}`,
      );
      return exit.interrupted;
    }
    printResult(finished, energy.summary(settings.steps), run, json, traces?.updateMs());
    return exit.done;
  } catch (error) {
    bar.finish();
    if (error === stop.reason) {
      console.error('Stopped before training began: there is nothing new to save.');
      return exit.interrupted;
    }
    const { message } = error as Error;
    const { resumable: isGood, stack } =
      error instanceof PageError ? error.failure : { resumable: true, stack: undefined };
    const resumable = isGood && existsSync(run.checkpoint);
    throw new Error(
      resumable
        ? `${stack ?? message}\nThe last checkpoint is in ${run.checkpoint}. ${resumeHint}`
        : (stack ?? message),
    );
  } finally {
    energy.close();
    await headless?.close();
    await recorder.close();
    if (traces) console.error(`Trace of ${count(await traces.write())} sampled steps: ${trace}`);
  }
}

function printResult(
  result: RunResult,
  energy: EnergySummary | undefined,
  run: RunPaths,
  json: boolean,
  updateMs: number | undefined,
): void {
  const { head, rows } = scoreTable(result.scores, presetOf(result.preset).task.kind);
  if (rows.length > 0) console.error(textTable(head, rows));
  if (result.ranks.length > 0) console.error(textTable(rankHead, rankRows(result.ranks)));
  if (energy)
    console.error(
      energyRows(energy)
        .map(row => row.join(': '))
        .join('\n'),
    );
  console.error(`Report: ${run.report}`);
  if (json) console.log(JSON.stringify({ ...result, updateMs, energy }));
}
