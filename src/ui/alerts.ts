/** Errors, warnings and notices at the top of the page: what was wrong, what to do, and a way to put them away. */
import type { ErrorCode, RunError } from '../session/api.ts';
import { element, make } from './dom.ts';

export interface Alert {
  readonly title: string;
  readonly message: string;
  readonly kind: 'error' | 'warning' | 'notice';
  /** Offered as a button; the alert goes away when it is pressed. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

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

/** Shows an alert, in place of one with the same message. */
export function showAlert(alert: Alert): void {
  const list = element('alerts', HTMLDivElement);
  const box = make('div', '', `alert ${alert.kind}`);
  box.dataset.testid = alert.kind;
  box.dataset.message = alert.message;
  box.setAttribute('role', alert.kind === 'error' ? 'alert' : 'status');

  const text = make('div');
  text.append(make('strong', alert.title), make('span', alert.message));
  const buttons = make('div', '', 'buttons');
  const { action } = alert;
  if (action) {
    const act = make('button', action.label, 'primary small');
    act.type = 'button';
    act.dataset.testid = `${alert.kind}-action`;
    act.onclick = () => {
      box.remove();
      action.run();
    };
    buttons.append(act);
  }
  const dismiss = make('button', 'Dismiss', 'secondary small');
  dismiss.type = 'button';
  dismiss.dataset.testid = `${alert.kind}-dismiss`;
  dismiss.onclick = () => box.remove();
  buttons.append(dismiss);
  box.append(text, buttons);

  const same = [...list.children].find(
    other => other instanceof HTMLElement && other.dataset.message === alert.message,
  );
  if (same) same.replaceWith(box);
  else list.prepend(box);
}

/** Shows a run error; `resume` is offered where the session says that it makes sense. */
export function showRunError(error: RunError, resume: () => void): void {
  showAlert({
    title: titles[error.code],
    message: error.message,
    kind: 'error',
    action: error.resumable ? { label: 'Resume from the last checkpoint', run: resume } : undefined,
  });
}

/** Takes all alerts away: a new attempt has begun. */
export const clearAlerts = () => element('alerts', HTMLDivElement).replaceChildren();
