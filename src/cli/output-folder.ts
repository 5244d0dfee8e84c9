/**
 * The folder of a run: `config.json` (what decides it), `metrics.csv` (one step a row), `events.jsonl` (what else
 * happened, one event a line), `checkpoint.safetensors` and, at its end, `report.html` and `scores.csv`. Files are written
 * beside their place and renamed, so that a full disk or a lost process never costs what was saved before.
 */
import { createWriteStream, existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RunEvent } from '../session/api/api.ts';
import { type MetricsTable, parseTable } from '../show/metrics-table.ts';
import type { TrainSettings } from './arguments.ts';
import { UsageError } from './usage-error.ts';

type Kept = Exclude<RunEvent, { type: 'progress' }>;
type Metrics = Extract<RunEvent, { type: 'metrics' }>;

/**
 * A line of `events.jsonl`: what is in the table is left out, and so is the progress of stages. Files of earlier versions
 * have events that there are no more; they stay as they are.
 */
export type LoggedEvent =
  | Exclude<Kept, Metrics>
  | Omit<Metrics, 'losses' | 'learningRates' | 'gradientNorms' | 'seconds'>;

const paths = (folder: string) => ({
  config: join(folder, 'config.json'),
  metrics: join(folder, 'metrics.csv'),
  events: join(folder, 'events.jsonl'),
  /** All events, of a run of an earlier version. */
  oldEvents: join(folder, 'metrics.jsonl'),
  checkpoint: join(folder, 'checkpoint.safetensors'),
  report: join(folder, 'report.html'),
  scores: join(folder, 'scores.csv'),
});

export type RunPaths = ReturnType<typeof paths>;

/** @throws UsageError where it cannot be made */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: Error) => {
    throw new UsageError(`The folder ${folder} cannot be made: ${error.message}.`);
  });
}

/**
 * Clears the folder for a new run.
 *
 * @throws UsageError where it holds a run already, so that none is overwritten by a mistyped name.
 */
export async function clearFolder(folder: string): Promise<RunPaths> {
  const run = paths(folder);
  if (existsSync(run.checkpoint)) {
    throw new UsageError(
      `${folder} holds a run already. Continue it with --resume ${folder}, or choose another folder with --out.`,
    );
  }
  // What a run has left that never saved.
  await Promise.all([run.metrics, run.oldEvents, run.scores].map(path => rm(path, { force: true })));
  await writeFile(run.events, '');
  return run;
}

/** @throws UsageError where the folder has no config or no checkpoint. */
export function requireRun(folder: string): RunPaths {
  const run = paths(folder);
  for (const path of [run.config, run.checkpoint]) {
    if (!existsSync(path)) throw new UsageError(`${folder} holds no run to resume: ${path} is missing.`);
  }
  return run;
}

/**
 * Finds the run to continue.
 *
 * @throws UsageError where the folder has no config or no checkpoint.
 */
export async function openFolder(folder: string): Promise<{ run: RunPaths; settings: TrainSettings }> {
  const run = requireRun(folder);
  try {
    return { run, settings: JSON.parse(await readFile(run.config, 'utf8')) as TrainSettings };
  } catch (error) {
    throw new UsageError(`${run.config} cannot be read: ${(error as Error).message}.`);
  }
}

/** Continues a run in another folder: what happened so far comes along, the old folder stays as it is. */
export async function copyHistory(from: RunPaths, to: RunPaths): Promise<void> {
  for (const name of ['metrics', 'events', 'oldEvents'] as const) {
    if (existsSync(from[name])) await replaceFile(to[name], await readFile(from[name]));
  }
}

type Content = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Writes the whole of a file or leaves it as it was. @throws Error naming the file, where the disk is full. */
export async function replaceFile(path: string, content: Content): Promise<void> {
  await writeBeside(path, content);
  await putInPlace(path);
}

/** Writes a file that is not to take its place yet. @throws Error naming the file, where the disk is full. */
export async function writeBeside(path: string, content: Content): Promise<void> {
  const whole = typeof content === 'string' || content instanceof Uint8Array;
  try {
    await pipeline(Readable.from(whole ? [content] : content), createWriteStream(partOf(path)));
  } catch (error) {
    await dropBeside(path);
    throw writeError(path, error as NodeJS.ErrnoException);
  }
}

export const putInPlace = (path: string): Promise<void> => rename(partOf(path), path);
export const dropBeside = (path: string): Promise<void> => rm(partOf(path), { force: true });

const partOf = (path: string) => `${path}.part`;

/** @throws Error naming the file, where the disk is full. */
export async function appendTo(path: string, text: string): Promise<void> {
  await appendFile(path, text).catch(error => {
    throw writeError(path, error);
  });
}

/** Cuts off last lines that a lost process has not finished: what comes next begins a line. */
export async function dropTornLines(run: RunPaths): Promise<void> {
  for (const path of [run.metrics, run.events]) {
    if (!existsSync(path)) continue;
    const text = await readFile(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await replaceFile(path, whole);
  }
}

/** Undefined where there is none: before a run is prepared, and of an earlier version. */
export async function readTable(run: RunPaths): Promise<MetricsTable | undefined> {
  return existsSync(run.metrics) ? parseTable(await readFile(run.metrics, 'utf8')) : undefined;
}

/** The events of a file, in order. A last line cut short by a lost process is left out. */
export async function readEvents<Event = LoggedEvent>(path: string): Promise<Event[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.slice(0, -1).map(line => JSON.parse(line) as Event);
}

/** The line of an event: without the numbers of steps, which are in the table. */
export function eventLine(event: Kept): string {
  return `${JSON.stringify(loggedEvent(event))}\n`;
}

function loggedEvent(event: Kept): LoggedEvent {
  if (event.type !== 'metrics') return event;
  const { losses, learningRates, gradientNorms, seconds, ...rest } = event;
  return rest;
}

/** Keeps the events up to `step`: what came after the checkpoint is trained again. */
export async function rewindEvents(run: RunPaths, step: number): Promise<void> {
  const kept = (await readEvents(run.events)).filter(event => !('step' in event) || event.step <= step);
  await replaceFile(run.events, kept.map(event => `${JSON.stringify(event)}\n`).join(''));
}

function writeError(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return error;
  return new Error(
    `The disk is full: ${path} could not be written. What was saved before is still there; make room and resume.`,
  );
}
