/** Where the run stands: status in words, the progress bar, step k of n, speed, time left. */
import type { RunEvent, RunStatus } from '../session/api/api.ts';
import { count, duration, fieldNumber, unitSpace } from '../show/format.ts';
import { capital } from '../show/score-words.ts';
import { element, setText } from './dom.ts';

const words: Record<RunStatus, string> = {
  idle: 'Not started',
  preparing: 'Preparing',
  ready: 'Ready to train',
  running: 'Training',
  paused: 'Paused',
  done: 'Done',
  failed: 'Stopped by an error',
};

export interface ProgressView {
  /** `hint` follows the status in words: what comes next, or what the user may do. */
  status(status: RunStatus, hint: string): void;
  event(event: RunEvent): void;
  /** The run stands at this step, as after loading a checkpoint. */
  showStep(step: number): void;
  /** A run of `steps` steps, of which `step` are done. */
  restart(steps: number, step: number): void;
}

export function createProgress(): ProgressView {
  const status = element('status', HTMLParagraphElement);
  const bar = element('progress', HTMLProgressElement);
  const stepLine = element('step', HTMLSpanElement);
  const timeLeft = element('time-left', HTMLSpanElement);
  const speed = element('samples-per-second', HTMLSpanElement);
  const saved = element('saved-at', HTMLSpanElement);
  let steps = 0;
  let at = 0;
  let stage = '';
  /** As they were shown last. */
  let shown: { readonly status: RunStatus; readonly hint: string } = { status: 'idle', hint: '' };

  const showStep = (step: number) => {
    at = step;
    stepLine.dataset.step = String(step);
    setText(stepLine, `Step ${count(step)} of ${count(steps)}`);
    bar.value = steps > 0 ? step / steps : 0;
  };

  const say = () => {
    const { status: now, hint } = shown;
    setText(status, `${capital(stage || words[now])}${hint ? `. ${hint}` : ''}`);
  };

  return {
    showStep,
    status(now, hint) {
      status.dataset.status = now;
      if (now !== 'preparing') stage = '';
      if (now !== 'running') setText(timeLeft, '');
      shown = { status: now, hint };
      say();
    },
    event(event) {
      if (event.type === 'progress') {
        // What is made of a run that stands still ends without another word of it.
        const isOver = event.fraction >= 1 && shown.status !== 'preparing';
        stage = isOver ? '' : event.stage;
        say();
        if (isOver) {
          showStep(at);
          return;
        }
        bar.value = event.fraction;
        setText(stepLine, `${Math.round(100 * event.fraction)} %`);
      } else if (event.type === 'metrics') {
        showStep(event.step);
        speed.dataset.value = String(event.samplesPerSecond);
        setText(speed, `${fieldNumber(event.samplesPerSecond)}${unitSpace}samples/s`);
        setText(timeLeft, event.secondsLeft > 0 ? `${duration(event.secondsLeft)} left` : '');
      } else if (event.type === 'checkpoint') {
        setText(saved, `saved at step ${count(event.step)}`);
      }
    },
    restart(total, step) {
      steps = total;
      showStep(step);
      setText(speed, '');
      setText(saved, '');
    },
  };
}
