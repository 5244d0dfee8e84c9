/** One run of a study, in a process of its own: whatever becomes of it, the study goes on. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minus, times } from '../energy/band.ts';
import { JOULES_PER_WH } from '../energy/meter.ts';
import type { RunResult } from '../session/api/api.ts';
import type { EnergySummary } from '../show/energy-summary.ts';
import type { StudyRun } from '../study/study-file.ts';
import type { Training } from '../study/train-study.ts';

const command = fileURLToPath(new URL('../../scripts/train.mjs', import.meta.url));
/** Of a study that is killed no run goes on by itself: the next would share the machine with it, and both the folder. */
const guard = fileURLToPath(new URL('../../scripts/end-with-parent.mjs', import.meta.url));

/** The last line of `npm run train --json`. */
interface TrainJson extends RunResult {
  readonly energy?: EnergySummary;
  readonly updateMs?: number;
}

/** Of what a process says of itself when it fails, so much is kept. */
const MOST_TOLD = 4000;

/** The arguments of `npm run train` for a run of a study. */
export function trainArguments(run: StudyRun, out: string, transport: string | undefined): readonly string[] {
  const given = {
    preset: run.model.preset,
    steps: run.steps,
    seed: run.seed,
    batch: run.globalBatch,
    replicas: run.replicas > 1 ? run.replicas : undefined,
    transport: run.replicas > 1 ? transport : undefined,
    data: run.model.data,
    days: run.days,
    subset: run.subset,
    'learning-rate': run.learningRate,
    // For the time of the update: layer by layer slows a step a second down by little.
    trace: join(out, 'trace.json'),
    'trace-detail': 'layer',
    out,
  };
  const flags = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, `${value}`],
  );
  return [...flags, '--json'];
}

/**
 * Trains from the beginning, whatever an earlier attempt has left: its time is measured as a whole.
 *
 * @param folder of the run's files; its checkpoint goes when the run is done
 * @param stop ends the process, without a result or a fault
 * @param program that trains, which is `npm run train`; another one in tests
 */
export async function trainRun(
  run: StudyRun,
  folder: string,
  transport: string | undefined,
  stop: AbortSignal,
  program = command,
): Promise<Training> {
  rmSync(folder, { recursive: true, force: true });
  const { execPath } = process;
  const child = spawn(execPath, [guard, execPath, program, ...trainArguments(run, folder, transport)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C goes to the study alone, which ends the run.
    detached: true,
  });
  const end = () => child.kill('SIGINT');
  stop.addEventListener('abort', end);
  let out = '';
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told = (told + text).slice(-MOST_TOLD);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  stop.removeEventListener('abort', end);
  if (stop.aborted) return { fault: undefined, result: undefined };
  if (status !== 0) return { fault: told.trim() || `the command ended with ${status}`, result: undefined };
  rmSync(join(folder, 'checkpoint.safetensors'), { force: true });
  const line = out.trimEnd().split('\n').at(-1)!;
  const { energy, updateMs, ...result } = JSON.parse(line) as TrainJson;
  return {
    fault: undefined,
    result,
    updateMs,
    ...(energy && { energy: joulesOf(energy) }),
  };
}

const joulesOf = ({ wattHours, trainingWattHours }: EnergySummary) => ({
  training: times(trainingWattHours, JOULES_PER_WH),
  scoring: times(minus(wattHours, trainingWattHours), JOULES_PER_WH),
});
