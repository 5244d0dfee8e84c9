/**
 * `<isobar-class-steer>`: what the teacher does with all pages at once. Properties: `eyesUp`, the pages are covered; `lessons`,
 * to which a class can be sent; `acts`. It sends no events.
 */
import { html, type TemplateResult } from 'lit';
import type { Lesson } from '../lesson/format.ts';
import { LightElement } from '../light-element.ts';
import type { WallActs } from './acts.ts';
import { textOf } from './fields.ts';
import { placesOf } from './places.ts';
import { words } from './words.ts';

export class ClassSteer extends LightElement {
  static override properties = {
    eyesUp: { attribute: false },
    lessons: { attribute: false },
    acts: { attribute: false },
    eyesText: { state: true },
  };
  declare eyesUp: boolean;
  declare lessons: readonly Lesson[];
  declare acts: WallActs | undefined;
  declare eyesText: string;

  constructor() {
    super();
    this.eyesUp = false;
    this.lessons = [];
    this.eyesText = words.eyesDefault;
  }

  protected override render(): TemplateResult {
    const { acts, eyesUp } = this;
    const places = placesOf(this.lessons);
    return html`<section class="class-steer panel" aria-label=${words.steering}>
      <button type="button" class="primary" data-testid="start-all" @click=${() => acts?.start()}>${words.start}</button>
      <button type="button" class="secondary" data-testid="pause-all" @click=${() => acts?.pause()}>${words.pause}</button>
      <span class="class-eyes">
        <button
          type="button"
          class=${eyesUp ? 'primary' : 'secondary'}
          data-testid="eyes-up"
          aria-pressed=${eyesUp}
          @click=${() => acts?.eyes(!eyesUp, this.eyesText)}
        >
          ${eyesUp ? words.letGo : words.eyesUp}
        </button>
        <input
          type="text"
          maxlength="200"
          aria-label=${words.eyesWords}
          .value=${this.eyesText}
          @change=${(event: Event) => {
            this.eyesText = textOf(event);
          }}
        />
      </span>
      <form
        class="class-send"
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          const place = this.querySelector<HTMLSelectElement>('[data-testid=send-place]');
          if (place) acts?.send(place.value);
        }}
      >
        <label class="class-sort">
          <span class="muted">${words.send}</span>
          <select data-testid="send-place">${places.map(({ address, label }) => html`<option value=${address}>${label}</option>`)}</select>
        </label>
        <button type="submit" class="secondary" data-testid="send">${words.go}</button>
      </form>
    </section>`;
  }
}

customElements.define('isobar-class-steer', ClassSteer);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-class-steer': ClassSteer;
  }
}
