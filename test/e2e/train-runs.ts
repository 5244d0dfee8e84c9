/** Runs of the terminal command, as a shell starts them, and what they leave behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { RunEvent, RunResult } from '../../src/session/api/api.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const started: ChildProcess[] = [];

export interface EndedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function start(parameters: readonly string[]): ChildProcess {
  const run = spawn(process.execPath, ['scripts/train.mjs', ...parameters], { cwd: root });
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

/** The loss of every step in `metrics.jsonl`; fails where a step is missing or doubled. */
export async function losses(out: string): Promise<number[]> {
  const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  const all: number[] = [];
  for (const event of lines.map(line => JSON.parse(line) as RunEvent)) {
    if (event.type !== 'metrics') continue;
    all.push(...event.losses);
    expect(event.step).toBe(all.length);
  }
  return all;
}
