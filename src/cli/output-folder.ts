/**
 * The folder of a run: `config.json` (what decides it), `metrics.jsonl` (one event a line), `checkpoint.safetensors`
 * and, at its end, `report.html`. Files are written beside their place and renamed, so that a full disk or a lost
 * process never costs what was saved before.
 */
import { createWriteStream, existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RunEvent } from '../session/api/api.ts';
import type { TrainSettings } from './arguments.ts';
import { UsageError } from './usage-error.ts';

/** Events that are kept: all but the progress of stages. */
export type LoggedEvent = Exclude<RunEvent, { type: 'progress' }>;

const paths = (folder: string) => ({
  config: join(folder, 'config.json'),
  metrics: join(folder, 'metrics.jsonl'),
  checkpoint: join(folder, 'checkpoint.safetensors'),
  report: join(folder, 'report.html'),
});

export type RunPaths = ReturnType<typeof paths>;

/**
 * Makes the folder for a new run.
 *
 * @throws UsageError where it holds a run already, so that none is overwritten by a mistyped name.
 */
export async function createFolder(folder: string): Promise<RunPaths> {
  const run = paths(folder);
  if (existsSync(run.checkpoint)) {
    throw new UsageError(
      `${folder} holds a run already. Continue it with --resume ${folder}, or choose another folder with --out.`,
    );
  }
  await mkdir(folder, { recursive: true }).catch((error: Error) => {
    throw new UsageError(`The folder ${folder} cannot be made: ${error.message}.`);
  });
  await writeFile(run.metrics, '');
  return run;
}

/**
 * Finds the run to continue.
 *
 * @throws UsageError where the folder has no config or no checkpoint.
 */
export async function openFolder(folder: string): Promise<{ run: RunPaths; settings: TrainSettings }> {
  const run = paths(folder);
  for (const path of [run.config, run.checkpoint]) {
    if (!existsSync(path)) throw new UsageError(`${folder} holds no run to resume: ${path} is missing.`);
  }
  try {
    return { run, settings: JSON.parse(await readFile(run.config, 'utf8')) as TrainSettings };
  } catch (error) {
    throw new UsageError(`${run.config} cannot be read: ${(error as Error).message}.`);
  }
}

/** Continues a run in another folder: the events so far come along, the old folder stays as it is. */
export async function copyEvents(from: RunPaths, to: RunPaths): Promise<void> {
  await replaceFile(to.metrics, await readFile(from.metrics));
}

/** Writes the whole of a file or leaves it as it was. @throws Error naming the file, where the disk is full. */
export async function replaceFile(
  path: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const whole = typeof content === 'string' || content instanceof Uint8Array;
  const part = `${path}.part`;
  try {
    await pipeline(Readable.from(whole ? [content] : content), createWriteStream(part));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw writeError(path, error as NodeJS.ErrnoException);
  }
}

/** @throws Error naming the file, where the disk is full. */
export async function appendEvent(run: RunPaths, event: LoggedEvent): Promise<void> {
  await appendFile(run.metrics, `${JSON.stringify(event)}\n`).catch(error => {
    throw writeError(run.metrics, error);
  });
}

/** The run's events so far, in order. A last line cut short by a lost process is left out. */
export async function readEvents(run: RunPaths): Promise<LoggedEvent[]> {
  const lines = (await readFile(run.metrics, 'utf8')).split('\n');
  return lines.slice(0, -1).map(line => JSON.parse(line) as LoggedEvent);
}

/** Keeps the events up to `step`: what came after the checkpoint is trained again. */
export async function rewindEvents(run: RunPaths, step: number): Promise<void> {
  const kept = (await readEvents(run)).flatMap(event => {
    if (!('step' in event) || event.step <= step) return [event];
    if (event.type !== 'metrics') return [];
    const losses = event.losses.slice(0, Math.max(0, event.losses.length - (event.step - step)));
    return losses.length > 0 ? [{ ...event, step, losses }] : [];
  });
  await replaceFile(run.metrics, kept.map(event => `${JSON.stringify(event)}\n`).join(''));
}

function writeError(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return error;
  return new Error(
    `The disk is full: ${path} could not be written. What was saved before is still there; make room and resume.`,
  );
}
