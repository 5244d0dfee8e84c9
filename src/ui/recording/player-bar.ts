/**
 * `<isobar-player>`: says that what is below was recorded, and steers its playing.
 *
 * Properties: `player`; `canGoBack`, whether there is a run of the page's own to go back to. Sends `isobar-open-recording`, a
 * CustomEvent<File>, and `isobar-close-recording`.
 */
import { html, nothing, type PropertyValues } from 'lit';
import { LightElement } from '../light-element.ts';
import './played-views.ts';
import type { Player } from './player.ts';
import { recordingEnding } from './recording.ts';
import { aboutWords, momentWords, speedWords, timeWords, words } from './words.ts';

const speeds = [0.5, 1, 2, 4, 8];
const patienceMs = 60_000;

/** As the run itself was, or so much faster that it is over in a minute. */
export const usualSpeed = (length: number): number =>
  speeds.find(speed => speed >= 1 && length / speed <= patienceMs) ?? speeds[speeds.length - 1];

export class PlayerBar extends LightElement {
  static override properties = { player: { attribute: false }, canGoBack: { attribute: false } };
  declare player: Player | undefined;
  declare canGoBack: boolean;
  #end: (() => void) | undefined;

  constructor() {
    super();
    this.canGoBack = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
    this.#end = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('player')) return;
    this.#end?.();
    this.#end = this.player?.subscribe(() => this.requestUpdate());
  }

  protected override render() {
    const { player } = this;
    if (!player) return nothing;
    const at = player.at();
    const isPlaying = player.isPlaying();
    const time = timeWords(at, player.length);
    return html`<section class="player" data-testid="player" aria-labelledby="player-title">
      <div class="player-about">
        <h2 id="player-title">${words.title}</h2>
        <p class="caption">${aboutWords(player.recording)} ${this.canGoBack ? words.goesOn : ''}</p>
      </div>
      <div class="player-steer">
        <button
          type="button"
          class="primary"
          data-testid="play"
          data-state=${isPlaying ? 'playing' : at >= player.length ? 'ended' : 'paused'}
          @click=${() => (isPlaying ? player.pause() : player.play())}
        >
          ${isPlaying ? words.pause : at >= player.length ? words.again : words.play}
        </button>
        <button type="button" class="secondary" data-testid="play-restart" @click=${() => player.seek(0)}>
          ${words.restart}
        </button>
        <label class="player-moment">
          <span class="sr-only">${words.moment}</span>
          <input
            type="range"
            data-testid="play-moment"
            min="0"
            max=${Math.max(1, player.length)}
            step="any"
            .value=${String(at)}
            aria-valuetext=${`${momentWords(player.store.state())}, ${time}`}
            @input=${this.#seek}
          />
        </label>
        <output class="player-words" data-testid="play-words" aria-live="off">
          ${momentWords(player.store.state())} <span class="muted">· ${time}</span>
        </output>
        <label class="player-speed">
          <span class="sr-only">${words.speed}</span>
          <select @change=${this.#setSpeed}>
            ${speeds.map(
              speed =>
                html`<option value=${speed} ?selected=${speed === player.factor()}>${speedWords(speed)}</option>`,
            )}
          </select>
        </label>
      </div>
      <div class="player-ways">
        <isobar-played-views></isobar-played-views>
        <label class="button secondary player-open">
          ${words.open}
          <input type="file" data-testid="play-open" accept=${recordingEnding.slice(recordingEnding.lastIndexOf('.'))} @change=${this.#open} />
        </label>
        ${
          this.canGoBack
            ? html`<button type="button" class="secondary" data-testid="play-back" @click=${this.#close}>${words.back}</button>`
            : nothing
        }
      </div>
    </section>`;
  }

  readonly #seek = ({ target }: Event) => {
    if (target instanceof HTMLInputElement) this.player?.seek(Number(target.value));
  };

  readonly #setSpeed = ({ target }: Event) => {
    if (target instanceof HTMLSelectElement) this.player?.setFactor(Number(target.value));
  };

  readonly #open = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return;
    const file = target.files?.[0];
    target.value = '';
    if (file) this.dispatchEvent(new CustomEvent('isobar-open-recording', { detail: file, bubbles: true }));
  };

  readonly #close = () => this.dispatchEvent(new CustomEvent('isobar-close-recording', { bubbles: true }));
}

customElements.define('isobar-player', PlayerBar);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-player': PlayerBar;
  }
}
