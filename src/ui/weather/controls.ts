/** What is chosen of the weather: the field, how far ahead, and from which start. */
import { html } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RolloutSpec, RolloutView } from '../../session/api/api.ts';
import { dateTime } from '../../show/format.ts';
import { forPeople } from '../../show/people.ts';
import type { Player } from './player.ts';
import * as text from './words.ts';

const { words } = text;

/*
 * A slider whose end came nearer has moved by itself: where it is to be is compared with where it is, not with what it was
 * told last.
 */

/** The slider's end as long as nothing is known of it. */
const expectedLeads = 10;

export interface FieldChoice {
  readonly spec: RolloutSpec | undefined;
  /** What the one field is called that is shown before there are others. */
  readonly label: string | undefined;
  readonly choose: (event: Event) => void;
}

export function fieldChoice({ spec, label, choose }: FieldChoice) {
  const options = repeat(
    spec?.channels ?? [],
    ({ name }) => name,
    (channel, i) => html`<option value=${i}>${forPeople(channel).listed}</option>`,
  );
  return html`
    <label class="weather-field">
      <span class="sr-only">${words.field}</span>
      <select id="channel" data-testid="channel" ?disabled=${!spec} @change=${choose}>
        ${spec ? options : html`<option>${label ?? words.field}</option>`}
      </select>
    </label>
  `;
}

export interface LeadChoice {
  /** Undefined as long as there is nothing to run through. */
  readonly last: number | undefined;
  readonly lead: number;
  /** Of the lead that is drawn. */
  readonly hours: number | undefined;
  readonly player: Player | undefined;
  readonly choose: (event: Event) => void;
}

export function leadChoice({ last, lead, hours, player, choose }: LeadChoice) {
  const shown = hours === undefined ? '' : text.leadWords(hours);
  const { isPlaying = false, isStill = false } = player ?? {};
  return html`
    <div class="weather-lead">
      <label for="lead">
        <span class="sr-only">${words.lead}</span>
        <output id="lead-words" for="lead" aria-live="off">${shown}</output>
      </label>
      <input
        id="lead"
        data-testid="lead"
        type="range"
        min="0"
        max=${last ?? expectedLeads}
        step="1"
        .value=${live(String(lead))}
        aria-valuetext=${shown || words.notReady}
        ?disabled=${last === undefined}
        @input=${choose}
      />
      <button
        type="button"
        class="secondary small"
        data-testid="roll"
        ?disabled=${last === undefined}
        @click=${() => player?.press()}
      >
        ${isPlaying ? words.stop : isStill ? words.next : words.roll}
      </button>
    </div>
  `;
}

export interface StartChoice {
  readonly starts: number;
  readonly sample: number;
  readonly view: RolloutView | undefined;
  readonly choose: (event: Event) => void;
}

export function startChoice({ starts, sample, view, choose }: StartChoice) {
  const shown = view ? dateTime(view.startTime, view.calendar) : '';
  return html`
    <label class="weather-start" for="sample">
      <span>${words.start} <output id="sample-date" for="sample" aria-live="off">${shown}</output></span>
      <input
        id="sample"
        data-testid="sample"
        type="range"
        min="0"
        max=${Math.max(0, starts - 1)}
        step="1"
        .value=${live(String(sample))}
        aria-valuetext=${shown || words.notReady}
        ?disabled=${starts === 0}
        @input=${choose}
      />
    </label>
  `;
}
