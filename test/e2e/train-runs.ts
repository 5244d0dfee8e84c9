/** Runs of the terminal command, as a shell starts them, and what they leave behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { RunResult } from '../../src/session/api/api.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const started: ChildProcess[] = [];

export interface EndedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param command `npm run` what */
export function start(parameters: readonly string[], command = 'train'): ChildProcess {
  const run = spawn(process.execPath, [`scripts/${command}.mjs`, ...parameters], { cwd: root });
  started.push(run);
  return run;
}

/** A test that ran out of time leaves its process behind. */
export function endAll(): void {
  for (const run of started) if (run.exitCode === null) run.kill('SIGTERM');
}

export async function finish(run: ChildProcess): Promise<EndedRun> {
  const output = { stdout: '', stderr: '' };
  run.stdout?.on('data', (text: Buffer) => {
    output.stdout += text;
  });
  run.stderr?.on('data', (text: Buffer) => {
    output.stderr += text;
  });
  const code = await new Promise<number | null>(resolve => run.on('close', resolve));
  return { code, ...output };
}

/** The result of a run with `--json`. */
export const resultOf = ({ stdout }: EndedRun): RunResult =>
  JSON.parse(stdout.trimEnd().split('\n').pop() ?? '') as RunResult;

/** `metrics.csv` as any reader of such files has it: the values of every column, top to bottom; NaN where it is empty. */
export async function table(out: string): Promise<Record<string, number[]>> {
  const [head, ...lines] = (await readFile(join(out, 'metrics.csv'), 'utf8')).trimEnd().split('\n');
  const cells = lines.map(line => line.split(','));
  return Object.fromEntries(
    head.split(',').map((name, i) => [name, cells.map(row => (row[i] === '' ? Number.NaN : Number(row[i])))]),
  );
}

/** The loss of every step in `metrics.csv`; fails where a step is missing or doubled. */
export async function losses(out: string): Promise<number[]> {
  const { step, loss } = await table(out);
  expect(step).toEqual(step.map((_, i) => i + 1));
  return loss;
}
