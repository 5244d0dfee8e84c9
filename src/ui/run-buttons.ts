/** Train, Pause, Resume, One step, Reset: which of them make sense in a status, and the hint beside the status. */
import { clearAlerts } from './alerts.ts';
import { element, setText } from './dom.ts';
import type { Run, RunState } from './run.ts';

/**
 * Connects the buttons; the result shows them as they should be in a state.
 *
 * @param check whether the settings can be trained with; it tells the user where they cannot
 * @param onReset the user has started over
 */
export function createRunButtons(
  run: Run,
  check: () => boolean,
  onReset: () => void,
): (state: RunState) => void {
  const train = element('train', HTMLButtonElement);
  const pause = element('pause', HTMLButtonElement);
  const resume = element('resume', HTMLButtonElement);
  const oneStep = element('one-step', HTMLButtonElement);
  const reset = element('reset', HTMLButtonElement);
  const buttons = [train, pause, resume, oneStep, reset];
  /** It was pressed, and another is to have the keyboard focus in its place. */
  let pressed: HTMLButtonElement | undefined;
  for (const button of buttons) {
    button.addEventListener('click', () => {
      pressed = button;
    });
  }
  const begin = (how: () => void) => () => {
    if (!check()) return;
    // What was wrong with the run before.
    clearAlerts();
    how();
  };
  train.onclick = begin(run.train);
  oneStep.onclick = begin(() => run.steps(1));
  pause.onclick = () => {
    // The step in flight and the checkpoint come first; the next status makes the button anew.
    pause.disabled = true;
    run.pause();
  };
  resume.onclick = run.resume;
  reset.onclick = async () => {
    if (await run.reset()) onReset();
  };

  return ({ status, trainNext, changed, info }) => {
    const running = status === 'running';
    const paused = status === 'paused';
    train.hidden = running || (paused && !changed);
    train.disabled = trainNext;
    const anew = paused || (status === 'failed' && info);
    setText(train, anew ? 'Train anew' : status === 'done' ? 'Train again' : 'Train');
    // After a failure the alert offers the likelier way on.
    train.className = anew ? 'secondary' : 'primary';
    pause.hidden = !running;
    pause.disabled = false;
    resume.hidden = !paused;
    oneStep.disabled = running || trainNext || status === 'done' || status === 'failed';
    reset.disabled = !info || status === 'preparing' || status === 'ready';
    // A button that hides or is disabled takes the keyboard focus with it, to nowhere.
    const focused = buttons.find(button => button === document.activeElement);
    const isLost = focused ? focused.hidden || focused.disabled : document.activeElement === document.body;
    if (!pressed || !isLost) return;
    // After one step the next one is likely; while it is taken nothing else is.
    const again = pressed === oneStep ? [oneStep] : [];
    if (again.length > 0 && (running || trainNext)) return;
    const next = [...again, pause, resume, train].find(button => !button.hidden && !button.disabled);
    if (!next) return;
    next.focus({ preventScroll: true });
    pressed = undefined;
  };
}

/** What comes next, or what the user may do, in a state. */
export function hint({ status, trainNext, changed, info, waits }: RunState): string {
  if (status === 'preparing' && trainNext) return 'Training starts when this is done';
  if (waits && (status === 'idle' || status === 'ready')) return 'Train begins by reading the data';
  if (status === 'paused' && changed) {
    return 'Train anew starts a run with the changed settings, Resume goes on with those of before';
  }
  if (status === 'done' && changed) return 'The changed settings hold for the next run';
  if (status === 'failed' && !info) return 'Choose another model or other data';
  return '';
}
