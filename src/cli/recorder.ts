/** Takes the events of a session: shows them on the progress bar and keeps them in the run's folder. */
import type { RunError, RunEvent, RunInfo } from '../session/api/api.ts';
import { PageError } from './bridge.ts';
import { dropBeside, putInPlace, type RunPaths } from './output-folder.ts';
import type { ProgressBar } from './progress-bar.ts';
import type { RunEnergy } from './run-energy.ts';
import { createRunLog } from './run-log.ts';
import type { TraceFile } from './trace-file.ts';

export interface Recorder {
  readonly onEvent: (event: RunEvent) => void;
  /** Step of the newest metrics, or the step resumed from. */
  readonly step: number;
  /** The session's last error since the run was begun or gone on with. */
  readonly error: RunError | undefined;
  /** The run is prepared and stands at its beginning. */
  begin(info: RunInfo): Promise<void>;
  /** The run goes on from this step of its folder: what is kept of later steps is dropped. */
  resume(step: number, info: RunInfo): Promise<void>;
  /** The session goes on from this step, after an error: its state is saved, and what is kept of later steps dropped. */
  regroup(step: number, info: RunInfo): Promise<void>;
  /** Saves a checkpoint, once all steps up to it are kept. */
  saveCheckpoint(): void;
  /** Resolves once all is on the disk; rejects where something could not be written. */
  written(): Promise<void>;
  /** The page is gone: resolves when nothing is written any more. */
  close(): Promise<void>;
}

/**
 * @param steps steps of the whole run
 * @param traces gets what sampled steps leave behind
 * @param energy hears what the run does
 * @param exportCheckpoint writes the run's state as it is now beside its place in the folder; resolves with its step
 */
export function createRecorder(
  run: RunPaths,
  steps: number,
  bar: ProgressBar,
  exportCheckpoint: () => Promise<number>,
  traces?: TraceFile,
  energy?: RunEnergy,
): Recorder {
  const log = createRunLog(run);
  let error: RunError | undefined;
  // One write after the other, in the order of events; the first that fails stops the rest.
  let queue: Promise<void> = Promise.resolve();
  let checkpoints: Promise<void> = Promise.resolve();
  /** Checkpoints that wait for rows of the table: where the folder is resumed from one, no step is missing. */
  let waiting: { readonly step: number; readonly settle: (isKept: boolean) => void }[] = [];
  let isClosed = false;
  const enqueue = (write: () => Promise<void>) => {
    queue = queue.then(write).then(() => {
      for (const { step, settle } of waiting) if (step <= log.written) settle(true);
      waiting = waiting.filter(({ step }) => step > log.written);
    });
    // Whoever waits in `written` gets the failure.
    queue.catch(() => {});
    return queue;
  };
  const keptUpTo = (step: number) =>
    new Promise<boolean>((resolve, reject) => {
      if (isClosed) resolve(false);
      else waiting.push({ step, settle: resolve });
      enqueue(async () => {}).catch(reject);
    });
  /** Those that would wait for ever, for steps that are not to come. */
  const dropWaiting = () => {
    for (const { settle } of waiting) settle(false);
    waiting = [];
  };

  const keepCheckpoint = async () => {
    try {
      const isKept = await keptUpTo(await exportCheckpoint());
      await (isKept ? putInPlace(run.checkpoint) : dropBeside(run.checkpoint));
    } catch (failure) {
      // The ranks have it no more. The session has, and it is saved when the run goes on.
      if (!(failure instanceof PageError && error?.code === 'peer-lost')) throw failure;
    }
  };

  const recorder = {
    step: 0,
    get error() {
      return error;
    },
    begin: (info: RunInfo) => enqueue(() => log.begin(info)),
    resume: (step: number, info: RunInfo) => {
      recorder.step = step;
      // What the session said up to now comes before the rewinding.
      return enqueue(() => log.goOnFrom(step, info));
    },
    async regroup(step: number, info: RunInfo) {
      error = undefined;
      dropWaiting();
      recorder.saveCheckpoint();
      await checkpoints;
      await recorder.resume(step, info);
    },
    saveCheckpoint: () => {
      checkpoints = checkpoints.then(keepCheckpoint);
      checkpoints.catch(() => {});
    },
    written: async () => {
      await Promise.all([queue, checkpoints]);
    },
    close: async () => {
      isClosed = true;
      dropWaiting();
      await Promise.allSettled([queue, checkpoints]);
      await dropBeside(run.checkpoint);
    },
    onEvent: (event: RunEvent) => {
      if (event.type === 'progress') {
        bar.stage(event.stage, event.fraction);
        return;
      }
      const took = energy?.hear(event);
      if (event.type === 'trace') {
        traces?.add(event.traces);
        return;
      }
      enqueue(() => log.add(event, took));
      switch (event.type) {
        case 'metrics':
          recorder.step = event.step;
          bar.training({ ...event, steps, loss: event.losses[event.losses.length - 1], energy: took });
          break;
        case 'warning':
          bar.note(`Warning: ${event.message}`);
          break;
        case 'error':
          error = event.error;
          break;
        case 'checkpoint':
          recorder.saveCheckpoint();
      }
    },
  };
  return recorder;
}
