/**
 * What the browsers in this room could do together, predicted from their measured speeds and links; and how many laptops make a
 * GPU of a data centre, for the model that is wanted. Both are worked out when they are asked for.
 */
import { html, nothing, type PropertyValues } from 'lit';
import type { LaptopRow } from '../../session/api/best-mesh.ts';
import type { Prediction } from '../../session/api/cut-prediction.ts';
import type { Card, Setting } from '../../session/api/cut-settings.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import { laptopCells, laptopHead } from '../../show/laptop-words.ts';
import { LightElement } from '../light-element.ts';
import {
  browserText,
  MOST_BROWSERS,
  type RoomFacts,
  type RoomResult,
  ranked,
  resultOf,
  roomCells,
  roomHead,
  roomSentences,
  waysIn,
} from './room-ways.ts';
import { roomWords as words } from './room-words.ts';

export type RoomView = Omit<RoomFacts, 'typedRate'>;

/** GPUs that laptops are counted against: the first is the usual one. */
const wantedGpus = ['A100', 'H100', 'RTX 4090', 'T4'];

export class RoomForecast extends LightElement {
  static override readonly properties = {
    room: { attribute: false },
    results: { state: true },
    progress: { state: true },
    isStale: { state: true },
    laptopRows: { state: true },
    isCounting: { state: true },
    fault: { state: true },
  };

  declare room: RoomView | undefined;
  /** Of the model that is wanted. */
  declare predict: (mesh: MeshConfig, setting: Setting) => Promise<Prediction | undefined>;
  declare laptops: (gpu: string) => Promise<readonly LaptopRow[]>;
  /** By the place of a browser in the room. */
  declare power: (room: RoomView) => Promise<(index: number) => Card['power']>;
  declare results: readonly RoomResult[];
  /** Ways that are worked out, of all; undefined while nothing is. */
  declare progress: { readonly done: number; readonly all: number } | undefined;
  /** The results are of another room, or of another model. */
  declare isStale: boolean;
  declare laptopRows: { readonly gpu: string; readonly rows: readonly LaptopRow[] } | undefined;
  declare isCounting: boolean;
  declare fault: string;

  constructor() {
    super();
    this.results = [];
    this.isStale = false;
    this.isCounting = false;
    this.fault = '';
  }

  /** Another model is wanted: what was worked out is not of it. */
  modelChanged(): void {
    this.isStale = true;
    this.laptopRows = undefined;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get('room') as RoomView | undefined;
    const who = (room: RoomView | undefined) =>
      JSON.stringify(room && [room.browsers.map(({ id, gigaflops }) => [id, gigaflops]), room.isOneCard]);
    if (changed.has('room') && who(before) !== who(this.room)) this.isStale = true;
  }

  protected override render() {
    const { room } = this;
    if (!room) return nothing;
    const guests = room.browsers.length - 1;
    return html`
      <h2>${words.title}</h2>
      <p>${guests === 0 ? words.nobody : words.about}</p>
      ${
        guests === 0
          ? nothing
          : html`
            <ul class="room-browsers">${room.browsers.map((each, i) => html`<li>${browserText(each, i === 0, this.#typedRate())}</li>`)}</ul>
            ${room.isOneCard ? html`<p class="caption">${words.oneCard}</p>` : nothing}
            ${room.browsers.length > MOST_BROWSERS ? html`<p class="caption">${words.most(MOST_BROWSERS)}</p>` : nothing}
            <form class="room-acts" @submit=${this.#work}>
              <label class="field"><span>${words.rate}</span><input type="number" name="rate" min="0.1" max="100000" step="any" placeholder=${words.rateUsual} data-testid="room-rate" @input=${() => this.requestUpdate()} /></label>
              <button type="submit" class="secondary" data-testid="room-work" ?disabled=${this.progress !== undefined}>${words.work}</button>
              ${this.progress ? html`<progress max=${this.progress.all} .value=${this.progress.done} aria-label=${words.working}></progress>` : nothing}
            </form>
            ${this.#found()}`
      }
      <h3>${words.laptops}</h3>
      <form class="room-acts" @submit=${this.#count}>
        <label>${words.make} <select name="gpu" aria-label=${words.gpu}>${wantedGpus.map(name => html`<option>${name}</option>`)}</select></label>
        <button type="submit" class="secondary" data-testid="room-laptops" ?disabled=${this.isCounting}>${this.isCounting ? words.counting : words.count}</button>
      </form>
      ${this.laptopRows ? this.#laptopTable(this.laptopRows) : nothing}
      <p class="room-fault" role="alert">${this.fault}</p>
    `;
  }

  #found() {
    const { results, isStale } = this;
    if (results.length === 0) return nothing;
    return html`
      ${isStale ? html`<p class="caption" data-testid="room-stale">${words.stale}</p>` : nothing}
      <div data-testid="room-found">${roomSentences(results).map(sentence => html`<p>${sentence}</p>`)}</div>
      ${table(words.title, roomHead, results.map(roomCells))}
      <p class="caption">${words.rests}</p>`;
  }

  #laptopTable({ gpu, rows }: NonNullable<RoomForecast['laptopRows']>) {
    return html`<p>${words.laptopsAbout(gpu)}</p>
      ${table(words.laptops, laptopHead, rows.map(laptopCells))}`;
  }

  /** What the user knows of the links. */
  #typedRate(): number | undefined {
    const field = this.querySelector<HTMLInputElement>('[name=rate]');
    const value = field && field.value.trim() !== '' ? field.valueAsNumber : Number.NaN;
    return value > 0 ? value : undefined;
  }

  readonly #work = (event: SubmitEvent) => {
    event.preventDefault();
    this.#workOut().catch((cause: Error) => {
      this.fault = cause.message;
    });
  };

  async #workOut(): Promise<void> {
    const { room } = this;
    if (!room || this.progress) return;
    this.fault = '';
    this.results = [];
    this.isStale = false;
    // How many ways there are is told once the cards are known.
    this.progress = { done: 0, all: 1 };
    try {
      const ways = waysIn({ ...room, typedRate: this.#typedRate() }, await this.power(room));
      for (const [done, way] of ways.entries()) {
        this.progress = { done, all: ways.length };
        const prediction = await this.predict(way.mesh, way.setting);
        if (prediction) this.results = ranked([...this.results, resultOf(way, prediction)]);
      }
    } finally {
      this.progress = undefined;
    }
  }

  readonly #count = (event: SubmitEvent) => {
    event.preventDefault();
    const gpu = String(new FormData(event.target as HTMLFormElement).get('gpu'));
    this.isCounting = true;
    this.fault = '';
    this.laptops(gpu)
      .then(rows => {
        this.laptopRows = { gpu, rows };
      })
      .catch((cause: Error) => {
        this.fault = cause.message;
      })
      .finally(() => {
        this.isCounting = false;
      });
  };
}

const table = (label: string, head: readonly string[], rows: readonly (readonly string[])[]) =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead><tr>${head.map((name, i) => html`<th scope="col" class=${i > 1 ? 'num' : ''}>${name}</th>`)}</tr></thead>
      <tbody>${rows.map(cells => html`<tr>${cells.map((cell, i) => html`<td class=${i > 1 ? 'num' : ''}>${cell}</td>`)}</tr>`)}</tbody>
    </table>
  </div>`;

customElements.define('isobar-room-forecast', RoomForecast);
