/** A map of the data sheet: a field, with coastlines over it. */
import { html } from 'lit';
import type { ColourScale } from '../../show/colours.ts';
import { frameOf } from '../../show/map-frame.ts';
import { createSampler, paintField } from '../../show/map-image.ts';
import { drawCoastlines } from '../coastlines.ts';
import { drawColourBar } from '../colour-bar.ts';
import { LightElement } from '../light-element.ts';

/** Pixels in a row of the painted image. */
const width = 360;

export class SheetMap extends LightElement {
  static override readonly properties = {
    latitude: { attribute: false },
    longitude: { attribute: false },
    values: { attribute: false },
    scale: { attribute: false },
    caption: { attribute: false },
  };

  declare latitude: Float64Array;
  declare longitude: Float64Array;
  /** [latitude, longitude]; what is missing stays clear. */
  declare values: Float32Array;
  declare scale: ColourScale;
  /** What the picture says, in words. */
  declare caption: string;
  readonly #resized = new ResizeObserver(() => this.#drawLines());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  protected override render() {
    return html`<figure>
      <div class="sheet-map">
        <canvas class="field" role="img" aria-label=${this.caption}></canvas>
        <canvas class="coast" aria-hidden="true"></canvas>
      </div>
      <div class="bar" aria-hidden="true"></div>
      <figcaption class="caption">${this.caption}</figcaption>
    </figure>`;
  }

  protected override updated(): void {
    const { latitude, longitude, values, scale } = this;
    const frame = frameOf(latitude, longitude);
    const room = this.querySelector<HTMLElement>('.sheet-map');
    const canvas = this.querySelector<HTMLCanvasElement>('.field');
    const bar = this.querySelector<HTMLElement>('.bar');
    if (!room || !canvas || !bar) return;
    room.style.setProperty('aspect-ratio', String(frame.aspect));
    paintField(canvas, values, createSampler(latitude, longitude, frame, width), scale);
    canvas.dataset.painted = 'true';
    drawColourBar(bar, scale, 4);
    this.#resized.observe(room);
    this.#drawLines();
  }

  #drawLines(): void {
    const coast = this.querySelector<HTMLCanvasElement>('.coast');
    if (coast) drawCoastlines([coast], frameOf(this.latitude, this.longitude), coast.clientWidth);
  }
}

customElements.define('isobar-sheet-map', SheetMap);
