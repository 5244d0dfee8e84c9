/** The terminal command, killed at any moment, again and again: what is resumed is the run that nothing disturbed. */
import { existsSync, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { endAll, finish, losses, start } from './train-runs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-kill-'));
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true });
});

const small = ['--batch', '2', '--width', '8', '--blocks', '1'];
const tiny = ['--preset', 'tiny', '--data', 'synthetic', ...small, '--seed', '5'];

/** What is seen in the folder of a run just before the process that writes there is killed. */
const MOMENTS = [
  // A checkpoint has taken its place.
  'checkpoint.safetensors',
  // One is being written.
  'checkpoint.safetensors.part',
  // The rows of some steps were written, and those of the next are about to be.
  'metrics.csv',
  'events.jsonl',
  'checkpoint.safetensors',
];

/** Resolves when something happens to a file of the folder, after the run's process has written a checkpoint. */
function seen(out: string, file: string): Promise<void> {
  return new Promise(resolve => {
    let isSaved = false;
    const watcher = watch(out, (_, name) => {
      isSaved ||= name === 'checkpoint.safetensors';
      if (!isSaved || name !== file) return;
      watcher.close();
      resolve();
    });
  });
}

/** Seven commands, each of which starts a browser. */
export const KILLED_TIMEOUT = 600_000;

/** Kills a run five times and resumes it: every loss is the same, to the last bit. */
export async function expectUnharmed(mesh: string, steps: number): Promise<void> {
  const out = join(folder, `killed-${mesh}`);
  const settings = [...tiny, '--mesh', mesh, '--steps', `${steps}`, '--evaluate-every', '0'];
  const often = ['--checkpoint-seconds', '0.1'];
  let resumedAt = 0;
  for (const [kill, file] of MOMENTS.entries()) {
    const isResumed = existsSync(join(out, 'checkpoint.safetensors'));
    const run = start(isResumed ? ['--resume', out] : [...settings, ...often, '--out', out]);
    const ended = finish(run);
    await Promise.race([folderOf(out), ended]);
    await Promise.race([seen(out, file), ended]);
    run.kill('SIGKILL');
    const { stderr } = await ended;
    expect(run.signalCode, `kill ${kill} at ${file}: ${stderr}`).toBe('SIGKILL');
    const [, step = '0'] = /Resumed at step (\d+)/.exec(stderr) ?? [];
    expect(Number(step), `kill ${kill}`).toBeGreaterThanOrEqual(resumedAt);
    resumedAt = Number(step);
  }
  expect(resumedAt).toBeGreaterThan(0);
  const last = await finish(start(['--resume', out]));
  expect(last.code, last.stderr).toBe(0);

  const whole = join(folder, `whole-${mesh}`);
  const undisturbed = await finish(start([...settings, '--out', whole]));
  expect(undisturbed.code, undisturbed.stderr).toBe(0);
  const expected = await losses(whole);
  expect(expected).toHaveLength(steps);
  expect(await losses(out)).toEqual(expected);
}

/** Resolves when the folder is there. */
async function folderOf(out: string): Promise<void> {
  if (existsSync(out)) return;
  await new Promise<void>(resolve => {
    const watcher = watch(folder, () => {
      if (!existsSync(out)) return;
      watcher.close();
      resolve();
    });
  });
}
