/** The data sheet: what is in the data, in words, tables and two maps. */
import { html, nothing } from 'lit';
import type { SheetReading } from '../../session/api/data-sheet.ts';
import { fieldScale } from '../../show/colours.ts';
import { type SheetSection, type SheetTable, sheetSections } from '../../show/data-sheet.ts';
import { LightElement } from '../light-element.ts';
import './sheet-map.ts';
import { words } from './words.ts';

export type SheetState =
  /** It is read when the user asks for it. */
  | { readonly kind: 'offered'; readonly why: keyof typeof words.offers }
  /** With what has been found up to now. */
  | { readonly kind: 'reading'; readonly reading?: SheetReading }
  | { readonly kind: 'read'; readonly reading: SheetReading }
  | { readonly kind: 'refused'; readonly message: string };

export class SheetView extends LightElement {
  static override readonly properties = { state: { attribute: false } };

  declare state: SheetState;
  /** The user wants the sheet: of all of the data where there is one of a sample. */
  declare onRead: () => void;

  protected override render() {
    const { state } = this;
    const reading = 'reading' in state ? state.reading : undefined;
    return html`<div class="sheet" data-testid="data-sheet" data-state=${state.kind}>
      <h2 id="sheet-title">${words.title}</h2>
      <p class="caption">${words.intro}</p>
      ${this.#status()}
      ${reading ? this.#sheet(reading) : nothing}
    </div>`;
  }

  #status() {
    const { state } = this;
    switch (state.kind) {
      case 'offered':
        return html`<p>${words.offers[state.why]}</p>${this.#button(words.read)}`;
      case 'reading': {
        const share = state.reading?.sheet.read;
        return html`<p role="status">${share === undefined ? words.opening : words.reading(share)}</p>`;
      }
      case 'refused':
        return html`<p role="alert" data-testid="sheet-refusal">${words.refused(state.message)}</p>`;
      case 'read': {
        const { sheet } = state.reading;
        return sheet.read < 1
          ? html`<p role="status">${words.part(sheet)}</p>${this.#button(words.readAll(sheet.bytes))}`
          : nothing;
      }
    }
  }

  #button(text: string) {
    return html`<p><button type="button" class="secondary" data-testid="read-sheet" @click=${() => this.onRead()}>${text}</button></p>`;
  }

  #sheet({ sheet, maps }: SheetReading) {
    const [facts, ...others] = sheetSections(sheet);
    const { latitude, longitude, first, missing } = maps;
    const percent = missing?.map(share => 100 * share);
    return html`${this.#section(facts)}
      <div class="sheet-maps">
        ${
          first
            ? html`<isobar-sheet-map .latitude=${latitude} .longitude=${longitude} .values=${first.values} .scale=${fieldScale(first.values)} .caption=${words.first(first, sheet.time.calendar)}></isobar-sheet-map>`
            : nothing
        }
        ${
          missing && percent
            ? html`<isobar-sheet-map .latitude=${latitude} .longitude=${longitude} .values=${percent} .scale=${fieldScale(
                Float32Array.of(
                  0,
                  percent.reduce((a, b) => Math.max(a, b)),
                ),
              )} .caption=${words.missing(maps, missing)}></isobar-sheet-map>`
            : html`<p class="caption">${words.nothingMissing}</p>`
        }
      </div>
      ${others.map(section => this.#section(section))}`;
  }

  #section(section: SheetSection) {
    switch (section.kind) {
      case 'facts':
        return html`<p><b data-testid="sheet-source">${section.source}</b></p>
          <dl class="sheet-facts">${section.facts.map(
            ({ label, text, more = [] }) =>
              html`<dt>${label}</dt><dd>${text}${more.map(line => html`<br />${line}`)}</dd>`,
          )}</dl>`;
      case 'table':
        return this.#table(section);
      case 'list':
        return html`${section.title ? html`<h3>${section.title}</h3>` : nothing}<ul>${section.items.map(item => html`<li>${item}</li>`)}</ul>`;
    }
  }

  #table({ head, rows }: SheetTable) {
    return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${head[0]}>
      <table>
        <thead><tr>${head.map(text => html`<th scope="col">${text}</th>`)}</tr></thead>
        <tbody>${rows.map(
          ([name, ...cells]) =>
            html`<tr><th scope="row">${name}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>`,
        )}</tbody>
      </table>
    </div>`;
  }
}

customElements.define('isobar-data-sheet', SheetView);
