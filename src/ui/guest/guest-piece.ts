/**
 * `<isobar-guest-piece>`: what a guest's page holds of the run, in words. Properties: `seat`; `run`, what the host announces;
 * `power`, an element that tells of this machine's power, once it is loaded.
 */
import { html, nothing } from 'lit';
import type { RunState } from '../../crew/api.ts';
import { LightElement } from '../light-element.ts';
import { doingWords, heldWords, modelName, pieceWords, type Seat, stepWords, words } from './words.ts';

export class GuestPiece extends LightElement {
  static override properties = {
    seat: { attribute: false },
    run: { attribute: false },
    power: { attribute: false },
  };
  declare seat: Seat | undefined;
  declare run: RunState | undefined;
  declare power: HTMLElement | undefined;

  protected override render() {
    const { seat, run } = this;
    if (!seat) return nothing;
    const isSeated = seat.place !== undefined;
    const facts = [
      ['host', 'Host of the run', seat.host],
      ['preset', 'Model', run ? modelName(run.preset) : ''],
      ['bytes', 'Memory on this device', run ? heldWords(seat, run) : ''],
      ['status', 'The run', run ? doingWords(run.status, isSeated) : ''],
      ['step', 'Step', run ? stepWords(run) : ''],
    ] as const;
    return html`<section class="panel guest-piece" data-testid="piece" aria-labelledby="piece-title">
      <h2 id="piece-title" class="sr-only">${words.piece}</h2>
      <p>
        <span data-testid="piece-words">${pieceWords(seat)}</span>
        <span class="muted">${isSeated ? words.keepOpen : words.nothingLost}</span>
      </p>
      <dl class="facts">
        ${facts.map(
          ([name, label, text]) =>
            html`<div><dt>${label}</dt><dd data-testid="piece-${name}">${text}</dd></div>`,
        )}
      </dl>
      ${this.power ?? nothing}
    </section>`;
  }
}

customElements.define('isobar-guest-piece', GuestPiece);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-guest-piece': GuestPiece;
  }
}
