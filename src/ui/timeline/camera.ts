/** Which step and which part of its time the timeline shows, as the address has it: `step=254&from=0.03&to=0.062`, in seconds. */
import type { Viewport } from './viewport.ts';

export interface Camera {
  /** Of training; undefined: the newest that was sampled. */
  readonly step?: number;
  /** In ms; undefined: all of the step. */
  readonly view?: Viewport;
}

/** @param step that is held; undefined where the newest is shown */
export function cameraAt({ view, wallMs }: { view: Viewport; wallMs: number }, step?: number): Camera {
  const isWhole = view.to - view.from >= wallMs;
  return { ...(step === undefined ? {} : { step }), ...(isWhole ? {} : { view }) };
}

/** @param words of an address; what cannot be used of them is passed over */
export function cameraIn({ step, from, to }: Readonly<Record<string, string>>): Camera {
  const [number, begun, ended] = [step, from, to].map(text => Number(text || Number.NaN));
  return {
    ...(Number.isInteger(number) && number >= 0 ? { step: number } : {}),
    ...(begun >= 0 && ended > begun && Number.isFinite(ended)
      ? { view: { from: 1000 * begun, to: 1000 * ended } }
      : {}),
  };
}

export function cameraWords({ step, view }: Camera): Record<string, string> {
  return {
    ...(step === undefined ? {} : { step: String(step) }),
    ...(view ? { from: seconds(view.from, view), to: seconds(view.to, view) } : {}),
  };
}

/** To a thousandth of the part that is in view. */
function seconds(ms: number, { from, to }: Viewport): string {
  const digits = Math.ceil(3 - Math.log10((to - from) / 1000));
  return String(Number((ms / 1000).toFixed(Math.max(3, Math.min(12, digits)))));
}
