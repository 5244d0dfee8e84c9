/** Takes the events of a session: shows them on the progress bar and keeps them in the run's folder. */
import type { RunError, RunEvent } from '../session/api/api.ts';
import { appendEvent, type RunPaths, rewindEvents } from './output-folder.ts';
import type { ProgressBar } from './progress-bar.ts';

export interface Recorder {
  readonly onEvent: (event: RunEvent) => void;
  /** Step of the newest metrics, or the step resumed from. */
  readonly step: number;
  /** The session's last error: its message is better than that of the rejected call. */
  readonly error: RunError | undefined;
  /** Drops what is kept of later steps: the run goes on from this one. Errors before are forgotten. */
  goOnFrom(step: number): Promise<void>;
  /** Saves a checkpoint after the events so far. */
  saveCheckpoint(): void;
  /** Resolves once all is on the disk; rejects where something could not be written. */
  written(): Promise<void>;
}

/**
 * @param steps steps of the whole run
 * @param keepCheckpoint exports the run's state as it is now into the folder
 */
export function createRecorder(
  run: RunPaths,
  steps: number,
  bar: ProgressBar,
  keepCheckpoint: () => Promise<void>,
): Recorder {
  let error: RunError | undefined;
  // One write after the other, in the order of events; the first that fails stops the rest.
  let queue: Promise<void> = Promise.resolve();
  const enqueue = (write: () => Promise<void>) => {
    queue = queue.then(write);
    // Whoever waits in `written` gets the failure.
    queue.catch(() => {});
  };

  const recorder = {
    step: 0,
    get error() {
      return error;
    },
    goOnFrom: (step: number) => {
      recorder.step = step;
      error = undefined;
      // What the session said up to now comes before the rewinding.
      enqueue(() => rewindEvents(run, step));
      return queue;
    },
    saveCheckpoint: () =>
      enqueue(() =>
        keepCheckpoint().catch(failure => {
          // The ranks have it no more. The session has, and it is saved when the run goes on.
          if (error?.code !== 'peer-lost') throw failure;
        }),
      ),
    written: () => queue,
    onEvent: (event: RunEvent) => {
      if (event.type === 'progress') {
        bar.stage(event.stage, event.fraction);
        return;
      }
      enqueue(() => appendEvent(run, event));
      switch (event.type) {
        case 'metrics':
          recorder.step = event.step;
          bar.training({ ...event, steps, loss: event.losses[event.losses.length - 1] });
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
