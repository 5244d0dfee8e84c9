/** Train, Pause, Resume, Reset: which of them make sense in a status, and the hint beside the status. */
import { element, setText } from './dom.ts';
import type { Run, RunState } from './run.ts';

/** Connects the buttons; the result shows them as they should be in a state. */
export function createRunButtons(run: Run): (state: RunState) => void {
  const train = element('train', HTMLButtonElement);
  const pause = element('pause', HTMLButtonElement);
  const resume = element('resume', HTMLButtonElement);
  const reset = element('reset', HTMLButtonElement);
  train.onclick = run.train;
  pause.onclick = () => {
    // The step in flight and the checkpoint come first; the next status makes the button anew.
    pause.disabled = true;
    run.pause();
  };
  resume.onclick = run.resume;
  reset.onclick = run.reset;

  return ({ status, trainNext, changed, info }) => {
    const running = status === 'running';
    const paused = status === 'paused';
    const focused = document.activeElement;
    train.hidden = running || (paused && !changed);
    train.disabled = trainNext;
    setText(train, paused ? 'Train anew' : status === 'done' ? 'Train again' : 'Train');
    pause.hidden = !running;
    pause.disabled = false;
    resume.hidden = !paused;
    reset.disabled = !info || status === 'preparing' || status === 'ready';
    // A button that hides takes the keyboard focus with it: hand it to the one that came in its place.
    if (focused instanceof HTMLButtonElement && focused.hidden) {
      [pause, resume, train].find(button => !button.hidden)?.focus();
    }
  };
}

/** What comes next, or what the user may do, in a state. */
export function hint({ status, trainNext, changed, info, waits }: RunState): string {
  if (status === 'preparing' && trainNext) return 'Training starts when this is done';
  if (waits && (status === 'idle' || status === 'ready')) return 'Train begins by reading the data';
  if (status === 'paused' && changed) return 'Train anew starts a run with the changed settings';
  if (status === 'done' && changed) return 'The changed settings hold for the next run';
  if (status === 'failed' && !info) return 'Choose another model or other data';
  return '';
}
