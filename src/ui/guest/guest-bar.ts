/**
 * `<isobar-guest-bar>`: the bar of a guest's page, in sight in every view. Where it stands with its host, how the run gets on,
 * and the way out; what steers the run is the host's.
 *
 * Properties: `standing`, and `text`, which says it; `seat`; `run`, what the host announces; `page`, the state of the run as it
 * is told; `takesPart`, whether there are views to go to; `canLeave`; `kept`, a checkpoint that the page can go on from;
 * `invitation`, the fragment that leads to the room. Sends `isobar-leave` and `isobar-take-over`.
 */
import { html, nothing } from 'lit';
import type { RunState } from '../../crew/api.ts';
import type { KeptCheckpoint } from '../../session/api/rank-api.ts';
import { fieldNumber, unitSpace } from '../../show/format.ts';
import { LightElement } from '../light-element.ts';
import { emptyPage, type PageState } from '../page-state.ts';
import '../recording/played-views.ts';
import { doingWords, keptWords, modelName, type Seat, type Standing, stepWords, words } from './words.ts';

export class GuestBar extends LightElement {
  static override properties = {
    standing: { attribute: false },
    text: { attribute: false },
    seat: { attribute: false },
    run: { attribute: false },
    page: { attribute: false },
    takesPart: { attribute: false },
    canLeave: { attribute: false },
    kept: { attribute: false },
    invitation: { attribute: false },
    isBusy: { state: true },
  };
  declare standing: Standing;
  declare text: string;
  declare seat: Seat | undefined;
  declare run: RunState | undefined;
  declare page: PageState;
  declare takesPart: boolean;
  declare canLeave: boolean;
  declare kept: KeptCheckpoint | undefined;
  declare invitation: string;
  /** A button was pressed, and what it began is not over. */
  declare isBusy: boolean;

  constructor() {
    super();
    this.standing = 'invited';
    this.text = '';
    this.page = emptyPage();
    this.takesPart = false;
    this.canLeave = false;
    this.invitation = '';
    this.isBusy = false;
  }

  protected override render() {
    const { run, seat, takesPart } = this;
    return html`
      <header class="masthead">
        <span class="brand"><img src="./favicon.svg" alt="" width="28" height="28" /> <h1>Isobar</h1></span>
        ${
          seat && run
            ? html`<p class="guest-run" title=${words.steers}>Run of <b>${seat.host}</b>, ${modelName(run.preset)}</p>`
            : nothing
        }
        ${
          this.canLeave
            ? html`<button type="button" class="secondary" data-testid="leave" ?disabled=${this.isBusy} @click=${this.#leave}>${words.leave}</button>`
            : nothing
        }
        ${takesPart ? html`<isobar-played-views lessons ?steps=${run?.looks ?? false} .invitation=${this.invitation}></isobar-played-views>` : nothing}
      </header>
      <section class="strip guest-strip" aria-label="Where the run stands">
        <progress max="1" .value=${run && run.steps > 0 ? run.step / run.steps : 0} aria-label=${words.progress}></progress>
        <p class="status" data-testid="join-status" data-state=${this.standing} role="status" aria-live="polite">${this.text}</p>
        <p class="strip-facts">${takesPart && run ? this.#facts(run) : nothing}</p>
      </section>
      ${this.#takeOver()}
    `;
  }

  #facts(run: RunState) {
    const { metrics } = this.page;
    const status = doingWords(run.status, this.seat?.place !== undefined);
    // Without its host, or without all of its pieces, nobody knows what the run does.
    const isKnown = this.standing === 'admitted' || this.standing === 'seated';
    return html`
      ${isKnown ? html`<span data-testid="run-status" data-status=${run.status}>${status}</span>` : nothing}
      <span>step ${stepWords(run)}</span>
      ${metrics ? html`<span>${fieldNumber(metrics.samplesPerSecond)}${unitSpace}samples/s</span>` : nothing}
    `;
  }

  #takeOver() {
    const { kept } = this;
    if (!kept) return nothing;
    return html`<section class="guest-take-over" aria-label=${words.takeOver}>
      <p data-testid="take-over-words">${keptWords(kept)}</p>
      <button type="button" class="primary" data-testid="take-over" ?disabled=${this.isBusy} @click=${this.#askToTakeOver}>${words.takeOver}</button>
    </section>`;
  }

  readonly #leave = () => {
    this.isBusy = true;
    this.dispatchEvent(new CustomEvent('isobar-leave', { bubbles: true }));
  };

  readonly #askToTakeOver = () => {
    this.isBusy = true;
    this.dispatchEvent(new CustomEvent('isobar-take-over', { bubbles: true }));
  };
}

customElements.define('isobar-guest-bar', GuestBar);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-guest-bar': GuestBar;
  }
}
