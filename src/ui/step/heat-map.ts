/**
 * A matrix as a heat map: blue below zero, red above, white at zero, as far as the largest value goes. Values are read with
 * the pointer or the arrow keys. Sends `isobar-value`, a bubbling CustomEvent<string>, with what is read, and `isobar-cell`, a
 * bubbling CustomEvent<CellPlace>, when a value is clicked or Enter is pressed on it.
 */
import { html, type PropertyValues } from 'lit';
import type { Looked } from '../../session/api/api.ts';
import { exactNumber } from '../../show/format.ts';
import { LightElement } from '../light-element.ts';

/** Of the whole matrix; of a mean the first that it is of. */
export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

export class HeatMap extends LightElement {
  static override readonly properties = {
    seen: { attribute: false },
    name: { attribute: false },
    rows: { attribute: false },
    columns: { attribute: false },
  };

  /** Undefined while it is computed. */
  declare seen: Looked | undefined;
  /** For people: which matrix of which rank. */
  declare name: string;
  /** Of the whole matrix, of which `seen` may hold means. */
  declare rows: number;
  declare columns: number;
  #at = { row: 0, column: 0 };

  protected override render() {
    const label = `${this.name}, ${this.rows} by ${this.columns}`;
    return html`<canvas tabindex="0" role="img" aria-label=${label}
      @pointermove=${this.#point} @click=${this.#click} @keydown=${this.#move} @focus=${this.#tell}></canvas>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('seen') || !this.seen) return;
    const { rows, columns, values } = this.seen;
    const canvas = this.querySelector('canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    canvas.width = columns;
    canvas.height = rows;
    canvas.style.setProperty('aspect-ratio', `${Math.min(4, Math.max(0.25, columns / rows))}`);
    context.putImageData(new ImageData(heatOf(values), columns, rows), 0, 0);
    this.#at = { row: 0, column: 0 };
    // Who reads here already hears of the new values.
    if (canvas === document.activeElement) this.#tell();
  }

  readonly #point = ({ clientX, clientY, currentTarget }: PointerEvent) => {
    if (!this.seen || !(currentTarget instanceof HTMLCanvasElement)) return;
    const { clientWidth, clientHeight, clientLeft, clientTop } = currentTarget;
    const { left, top } = currentTarget.getBoundingClientRect();
    const [x, y] = [clientX - left - clientLeft, clientY - top - clientTop];
    const within = (at: number, length: number, size: number) =>
      Math.min(size - 1, Math.max(0, Math.floor((at / length) * size)));
    this.#at = {
      row: within(y, clientHeight, this.seen.rows),
      column: within(x, clientWidth, this.seen.columns),
    };
    this.#tell();
  };

  readonly #click = (event: PointerEvent) => {
    this.#point(event);
    this.#choose();
  };

  #choose(): void {
    if (!this.seen) return;
    const { rows, columns } = this.seen;
    const detail: CellPlace = {
      row: firstOf(this.#at.row, rows, this.rows),
      column: firstOf(this.#at.column, columns, this.columns),
    };
    this.dispatchEvent(new CustomEvent('isobar-cell', { bubbles: true, detail }));
  }

  readonly #move = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#choose();
      return;
    }
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step || !this.seen) return;
    event.preventDefault();
    event.stopPropagation();
    const { rows, columns } = this.seen;
    this.#at = {
      row: Math.min(rows - 1, Math.max(0, this.#at.row + step[0])),
      column: Math.min(columns - 1, Math.max(0, this.#at.column + step[1])),
    };
    this.#tell();
  };

  readonly #tell = () => {
    if (!this.seen) return;
    const { row, column } = this.#at;
    const { rows, columns, values } = this.seen;
    const value = values[row * columns + column];
    const range = (at: number, pools: number, length: number) => {
      if (pools === length) return `${at}`;
      const [first, end] = [firstOf(at, pools, length), firstOf(at + 1, pools, length)];
      return end - first > 1 ? `${first}-${end - 1}` : `${first}`;
    };
    const place = `[${range(row, rows, this.rows)}, ${range(column, columns, this.columns)}]`;
    const isMean = rows < this.rows || columns < this.columns;
    const detail = `${this.name} ${place} = ${isMean ? 'on average ' : ''}${exactNumber(value)}`;
    this.dispatchEvent(new CustomEvent('isobar-value', { bubbles: true, detail }));
  };
}

/** The first row, or column, that a mean of several is of. */
const firstOf = (at: number, pools: number, length: number) => Math.floor((at * length) / pools);

/** RGBA of every value: white at zero, blue below, red above, grey where there is no number. */
export function heatOf(values: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const most = values.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  );
  const pixels = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => {
    const share = most > 0 ? value / most : 0;
    const [r, g, b] = share < 0 ? [33, 102, 172] : [178, 24, 43];
    const depth = Math.sqrt(Math.abs(share));
    const mixed = (end: number) => 247 + (end - 247) * depth;
    const colour = Number.isFinite(value) ? [mixed(r), mixed(g), mixed(b)] : [120, 120, 120];
    pixels.set([...colour, 255], 4 * i);
  });
  return pixels;
}

customElements.define('isobar-heat-map', HeatMap);
