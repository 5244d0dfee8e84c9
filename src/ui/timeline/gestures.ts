/**
 * Wheel, drag and pinch on the lanes, as changes of the part of time that is in view. A wheel that cannot zoom out any
 * further scrolls the page, as does a finger that moves up or down.
 */
import { panned, type Viewport, zoomed } from './viewport.ts';

export interface Lens {
  readonly view: Viewport;
  readonly wallMs: number;
  /** Where the lanes begin and end on the canvas, in px. */
  readonly left: number;
  readonly width: number;
}

export interface Gestures {
  /** A pointer is down: what it does is not over. */
  isUnderWay(): boolean;
  wheel(event: WheelEvent): void;
  down(event: PointerEvent): void;
  /** @returns whether it moved or zoomed the view, rather than pointed at something */
  move(event: PointerEvent): boolean;
  /** @returns whether nothing was moved since the pointer came down: a click */
  up(event: PointerEvent): boolean;
}

/** Of a wheel: pixels that make things twice as large. */
const pixelsToDouble = 240;
/** A pointer that moves less than this has not moved. */
const slack = 3;

export function createGestures(lens: () => Lens | undefined, show: (view: Viewport) => void): Gestures {
  const pointers = new Map<number, number>();
  let hasMoved = false;
  let begunAt = 0;
  const zoom = ({ view, wallMs, left, width }: Lens, x: number, factor: number) => {
    const at = view.from + ((x - left) * (view.to - view.from)) / width;
    show(zoomed(view, wallMs, at, factor));
  };
  const pan = ({ view, wallMs, width }: Lens, pixels: number) =>
    show(panned(view, wallMs, (pixels * (view.to - view.from)) / width));
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { length: Math.max(1, Math.abs(a - b)), middle: (a + b) / 2 };
  };
  return {
    isUnderWay: () => pointers.size > 0,
    wheel(event) {
      const own = lens();
      if (!own) return;
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
        event.preventDefault();
        pan(own, sideways);
        return;
      }
      const isWhole = own.view.to - own.view.from >= own.wallMs;
      if (isWhole && event.deltaY > 0) return;
      event.preventDefault();
      zoom(own, event.offsetX, 2 ** (event.deltaY / pixelsToDouble));
    },
    down(event) {
      pointers.set(event.pointerId, event.offsetX);
      begunAt = event.offsetX;
      hasMoved = pointers.size > 1;
    },
    move(event) {
      const before = pointers.get(event.pointerId);
      const own = lens();
      if (before === undefined || !own) return false;
      if (!hasMoved && Math.abs(event.offsetX - begunAt) < slack) return true;
      hasMoved = true;
      if (pointers.size === 2) {
        const old = spread();
        pointers.set(event.pointerId, event.offsetX);
        const now = spread();
        zoom(own, now.middle, old.length / now.length);
      } else {
        pointers.set(event.pointerId, event.offsetX);
        pan(own, before - event.offsetX);
      }
      return true;
    },
    up(event) {
      const isClick = pointers.delete(event.pointerId) && !hasMoved;
      return isClick;
    },
  };
}
