/** Errors, warnings and notices at the top of the page: what was wrong, what to do, and a way to put them away. */
import type { ErrorCode, RunError } from '../session/api/api.ts';
import { element, make, passFocus } from './dom.ts';

export interface Action {
  readonly label: string;
  readonly run: () => void;
}

export interface Alert {
  readonly title: string;
  readonly message: string;
  readonly kind: 'error' | 'warning' | 'notice';
  /** Offered as buttons, the likeliest first; the alert goes when one is pressed. */
  readonly actions?: readonly Action[];
  /** Alerts of one topic replace each other; by default the message is the topic. */
  readonly topic?: string;
}

/** Of what is said of the room: a page may be its guest first and its host later. */
export const roomTopic = 'room';
/** Of what is said and offered when a rank is lost. */
export const lossTopic = 'peer-lost';

const titles: Record<ErrorCode, string> = {
  'no-webgpu': 'No graphics adapter',
  'device-lost': 'The graphics device was lost',
  'peer-lost': 'A rank of the mesh is lost',
  'too-large': 'This model does not fit here',
  'bad-data': 'These data cannot be used',
  'bad-config': 'These settings cannot be used',
  'bad-checkpoint': 'This checkpoint cannot be used',
  'loss-nan': 'The loss is no longer a number',
  'storage-full': 'The browser has no room left for the checkpoint',
  internal: 'Something went wrong',
};

/** Shows an alert, in place of one on the same topic. */
export function showAlert(alert: Alert): void {
  const list = element('alerts', HTMLDivElement);
  const box = make('div', '', `alert ${alert.kind}`);
  box.dataset.testid = alert.kind;
  const topic = alert.topic ?? alert.message;
  box.dataset.topic = topic;
  box.setAttribute('role', alert.kind === 'error' ? 'alert' : 'status');

  const text = make('div');
  text.append(make('strong', alert.title), make('span', alert.message));
  const buttons = make('div', '', 'buttons');
  alert.actions?.forEach(({ label, run }, index) => {
    const act = make('button', label, index === 0 ? 'primary small' : 'secondary small');
    act.type = 'button';
    act.dataset.testid = `${alert.kind}-action`;
    act.onclick = () => {
      remove(box);
      run();
    };
    buttons.append(act);
  });
  // A fault that offers a way on stays until one is taken: it may be the only one.
  if (alert.kind === 'notice' || !alert.actions?.length) {
    const dismiss = make('button', 'Dismiss', 'secondary small');
    dismiss.type = 'button';
    dismiss.dataset.testid = `${alert.kind}-dismiss`;
    dismiss.onclick = () => remove(box);
    buttons.append(dismiss);
  }
  box.append(text, buttons);

  const same = alertOn(topic);
  if (same) {
    same.before(box);
    passFocus(same, box.querySelector('button'));
    same.remove();
  } else list.prepend(box);
}

/** Does what the alert on this topic offers first, as a press of its button. @returns false where nothing is offered */
export function takeOffer(topic: string): boolean {
  const offer = alertOn(topic)?.querySelector<HTMLElement>('.primary');
  offer?.click();
  return offer !== null && offer !== undefined;
}

/** Takes away the alert on this topic, if it is there. */
export function withdrawAlert(topic: string): void {
  const box = alertOn(topic);
  if (box) remove(box);
}

const alerts = () => [...element('alerts', HTMLDivElement).children] as HTMLElement[];
const alertOn = (topic: string) => alerts().find(box => box.dataset.topic === topic);

function remove(box: HTMLElement): void {
  const next = alerts().find(other => other !== box);
  passFocus(box, next?.querySelector('button'));
  box.remove();
}

/** Shows a run error; `resume` is offered where the session says that it makes sense. */
export function showRunError(error: RunError, resume: () => void): void {
  if (error.stack !== undefined) console.error(error.stack);
  showAlert({
    title: titles[error.code],
    message: error.message,
    kind: 'error',
    actions: error.resumable ? [{ label: 'Resume from the last checkpoint', run: resume }] : [],
  });
}

/** Takes all alerts away: a new attempt has begun. */
export function clearAlerts(): void {
  for (const box of alerts()) remove(box);
}
