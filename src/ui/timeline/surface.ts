/**
 * The canvas of an element: as many pixels as the screen has, colours of the page's scheme, and drawn only when the element
 * has changed, at most once a frame.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { createPaint, type Paint } from './paint.ts';

/** @returns the height that it needs, in px, before anything is drawn; and what draws it */
export type Drawing = (width: number) => {
  readonly height: number;
  draw(context: CanvasRenderingContext2D, paint: Paint): void;
};

export class Surface implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #drawing: Drawing;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #resized = new ResizeObserver(() => this.#host.requestUpdate());
  #paint: Paint | undefined;
  #frame: number | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, drawing: Drawing) {
    this.#host = host;
    this.#drawing = drawing;
    host.addController(this);
  }

  get canvas(): HTMLCanvasElement | null {
    return this.#host.querySelector('canvas');
  }

  hostConnected(): void {
    this.#resized.observe(this.#host);
    this.#dark.addEventListener('change', this.#recolour);
  }

  hostDisconnected(): void {
    this.#resized.disconnect();
    this.#dark.removeEventListener('change', this.#recolour);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  hostUpdated(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.draw();
    });
  }

  /** Draws at once. */
  draw(): void {
    const { canvas } = this;
    const width = canvas?.clientWidth ?? 0;
    const context = canvas?.getContext('2d');
    if (!canvas || !context || width === 0) return;
    const { height, draw } = this.#drawing(width);
    const density = devicePixelRatio;
    const [across, down] = [Math.round(width * density), Math.round(height * density)];
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = across;
      canvas.height = down;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(density, 0, 0, density, 0, 0);
    this.#paint ??= createPaint(canvas, this.#dark.matches);
    draw(context, this.#paint);
  }

  readonly #recolour = () => {
    this.#paint = undefined;
    this.#host.requestUpdate();
  };
}
