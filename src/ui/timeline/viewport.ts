/** The part of a step's time that is in view, in ms: zoomed around a point, moved, and kept within the step. */

export interface Viewport {
  readonly from: number;
  readonly to: number;
}

/** Of the whole; what is shorter cannot be told apart by any clock. */
const smallestPart = 1 / 20_000;

export const whole = (wallMs: number): Viewport => ({ from: 0, to: wallMs });

/** @param factor how many times longer the part is afterwards: below 1 for a closer look */
export function zoomed({ from, to }: Viewport, wallMs: number, at: number, factor: number): Viewport {
  const length = Math.min(wallMs, Math.max((to - from) * factor, wallMs * smallestPart));
  const begun = at - ((at - from) * length) / (to - from);
  return kept(begun, length, wallMs);
}

/** The same around the middle of a span, or what of it is in view. */
export function zoomedAbout(view: Viewport, wallMs: number, begun: number, ended: number, factor: number) {
  const at = Math.max(view.from, Math.min((begun + ended) / 2, view.to));
  return zoomed(view, wallMs, at, factor);
}

/** @param ms to later times */
export const panned = ({ from, to }: Viewport, wallMs: number, ms: number): Viewport =>
  kept(from + ms, to - from, wallMs);

/** As little moved as shows a span, in part or whole. */
export function showing(
  view: Viewport,
  wallMs: number,
  { begun, ended }: { begun: number; ended: number },
): Viewport {
  const length = view.to - view.from;
  if (begun >= view.from && ended <= view.to) return view;
  if (ended - begun >= length) return kept(begun, length, wallMs);
  return begun < view.from ? kept(begun, length, wallMs) : kept(ended - length, length, wallMs);
}

function kept(begun: number, length: number, wallMs: number): Viewport {
  const from = Math.max(0, Math.min(begun, wallMs - length));
  return { from, to: from + length };
}

/** Times of the axis: a round number of ms apart, at most `most` of them. */
export function ticksOf({ from, to }: Viewport, most: number): number[] {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= rough * 0.999) ?? rough;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.max(0, Math.floor(to / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}
