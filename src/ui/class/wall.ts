/**
 * `<isobar-class>`: the teacher's wall at `#/class`. All pupils with their curves, what the teacher may do for all of them, the
 * link as text and as a code large enough for a projector, the tally of a question, a race.
 *
 * Properties: `state` of the class, undefined before it is opened; `link`; `kinds` of rooms that can be opened; `canReopen`, a
 * class of this tab was open before; `lessons`; `now`, ms since 1970; `search` of the address; `fault`, why the class was
 * not opened; `isOpening`; `acts` of the class that is open, `doors`. It sends no events.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { RoomKind } from '../../crew/api.ts';
import { inOrder, type PupilOrder, type PupilState, pupilOrders, stateOf } from '../../crew/class/roll.ts';
import type { Class, ClassState } from '../../crew/class/teacher.ts';
import { passFocus } from '../dom.ts';
import type { Lesson } from '../lesson/format.ts';
import { LightElement } from '../light-element.ts';
import { qrCode } from '../qr-code.ts';
import { pupilCard } from './card.ts';
import { placesOf } from './places.ts';
import './race.ts';
import type { ClassRuns } from './runs-chart.ts';
import './runs-chart.ts';
import { askedCard, type ClassQuestion, questionsAsked } from './tally.ts';
import { headLine, kindNotes, kindWords, orderWords, words } from './words.ts';

/** What the teacher may do while the class is open. */
export type WallActs = Pick<
  Class,
  'admit' | 'admitAll' | 'remove' | 'start' | 'pause' | 'eyes' | 'send' | 'ask' | 'setUpRace' | 'startRace'
>;

export interface ClassDoors {
  /** @param again with the link that the class of this tab had before */
  readonly open: (kind: RoomKind, again: boolean) => void;
  readonly close: () => void;
}

/** The usual time for which everybody is let in. */
const admitMinutes = 15;

export class ClassWall extends LightElement {
  static override properties = {
    state: { attribute: false },
    link: { attribute: false },
    kinds: { attribute: false },
    canReopen: { attribute: false },
    lessons: { attribute: false },
    now: { attribute: false },
    search: { attribute: false },
    fault: { attribute: false },
    isOpening: { attribute: false },
    acts: { attribute: false },
    doors: { attribute: false },
    order: { state: true },
    pointed: { state: true },
    isLarge: { state: true },
    by: { state: true },
    showsTally: { state: true },
    copied: { state: true },
    kind: { state: true },
    eyesText: { state: true },
  };
  declare state: ClassState | undefined;
  declare link: string;
  declare kinds: readonly RoomKind[];
  declare canReopen: boolean;
  declare lessons: readonly Lesson[];
  declare now: number;
  declare search: string;
  declare fault: string;
  declare isOpening: boolean;
  declare acts: WallActs | undefined;
  declare doors: ClassDoors | undefined;
  declare order: PupilOrder;
  declare pointed: string | undefined;
  declare by: 'step' | 'seconds';
  declare showsTally: boolean;
  declare copied: string;
  declare kind: RoomKind | undefined;
  declare eyesText: string;
  #code: { readonly link: string; readonly drawn: SVGSVGElement; readonly large: SVGSVGElement } | undefined;

  constructor() {
    super();
    this.link = '';
    this.kinds = ['tabs'];
    this.canReopen = false;
    this.lessons = [];
    this.now = 0;
    this.search = '';
    this.fault = '';
    this.isOpening = false;
    this.order = 'stuck';
    this.by = 'step';
    this.showsTally = false;
    this.copied = words.copy;
    this.eyesText = words.eyesDefault;
  }

  protected override render(): TemplateResult {
    const { state } = this;
    return state ? this.#wall(state) : this.#closed();
  }

  protected override updated(): void {
    const chart = this.querySelector<ClassRuns>('isobar-class-runs');
    const { state, pointed, by } = this;
    if (!chart || !state) return;
    const lanes = state.race?.lanes.map(({ label }) => label) ?? [];
    chart.content = { pupils: state.pupils, pointed, lanes, by };
  }

  #closed(): TemplateResult {
    const kind = this.kind ?? this.kinds[0];
    return html`<section class="panel class-closed" aria-labelledby="class-title">
      <h2 id="class-title">${words.title}</h2>
      <p>${words.intro}</p>
      <label class="field">
        <span>${words.kind}</span>
        <select
          data-testid="class-kind"
          @change=${(event: Event) => {
            this.kind = this.kinds.find(each => each === textOf(event));
          }}
        >
          ${this.kinds.map(each => html`<option value=${each} ?selected=${each === kind}>${kindWords[each]}</option>`)}
        </select>
      </label>
      <p class="caption">${kindNotes[kind]}</p>
      <div class="buttons">
        <button type="button" class="primary" data-testid="open-class" ?disabled=${this.isOpening} @click=${() => this.doors?.open(kind, false)}>
          ${this.isOpening ? words.opening : words.open}
        </button>
        ${
          this.canReopen
            ? html`<button type="button" class="secondary" data-testid="reopen-class" ?disabled=${this.isOpening} @click=${() => this.doors?.open(kind, true)}>
                ${words.openAgain}
              </button>`
            : nothing
        }
      </div>
      <p class="problem" role="alert">${this.fault}</p>
    </section>`;
  }

  #wall(state: ClassState): TemplateResult {
    const { acts, now, pointed } = this;
    if (!acts) return html`${nothing}`;
    const pupils = inOrder(state.pupils, this.order, now);
    const cards = {
      ...acts,
      point: (id: string | undefined) => {
        this.pointed = id;
      },
    };
    return html`
      <section class="class-head panel" aria-labelledby="class-title">
        <div class="class-who">
          <h2 id="class-title">${words.title}</h2>
          <p class="class-count" data-testid="class-count" role="status">${headLine(countsOf(state, now))}</p>
          ${this.#admission(state)}
          <p class="caption" data-testid="class-notice" role="status">
            ${state.isOver ? `${words.overTitle}: ${state.notice}.` : state.notice}
          </p>
        </div>
        ${this.#invitation()}
      </section>
      ${this.#steering(state)}
      <div class="class-body">
        <section aria-labelledby="class-wall-title">
          <header class="panel-head">
            <h3 id="class-wall-title">${words.wall}</h3>
            <label class="class-sort">
              <span class="muted">${words.sort}</span>
              <select
                data-testid="class-sort"
                @change=${(event: Event) => {
                  this.order = pupilOrders.find(order => order === textOf(event)) ?? 'stuck';
                }}
              >
                ${pupilOrders.map(order => html`<option value=${order} ?selected=${order === this.order}>${orderWords[order]}</option>`)}
              </select>
            </label>
          </header>
          ${pupils.length === 0 ? html`<p class="caption">${words.nobody}</p>` : nothing}
          <ul class="wall" data-testid="wall">
            ${repeat(
              pupils,
              ({ id }) => id,
              pupil => pupilCard(pupil, now, pupil.id === pointed, cards),
            )}
          </ul>
        </section>
        <div class="class-side">
          <section class="panel" aria-labelledby="class-runs-title">
            <header class="panel-head">
              <h3 id="class-runs-title">${words.allRuns}</h3>
              <select
                aria-label=${words.allRuns}
                @change=${(event: Event) => {
                  this.by = textOf(event) === 'seconds' ? 'seconds' : 'step';
                }}
              >
                <option value="step" ?selected=${this.by === 'step'}>${words.byStep}</option>
                <option value="seconds" ?selected=${this.by === 'seconds'}>${words.bySeconds}</option>
              </select>
            </header>
            <isobar-class-runs></isobar-class-runs>
          </section>
          ${this.#question(state)}
          <isobar-class-race .state=${state} .search=${this.search} .acts=${acts}></isobar-class-race>
        </div>
      </div>
    `;
  }

  #admission({ pupils, admitsUntil }: ClassState): TemplateResult {
    const { acts, now } = this;
    const asking = pupils.filter(({ presence }) => presence === 'asking');
    const isOpen = admitsUntil !== undefined && admitsUntil > now;
    const until = isOpen ? admitsUntil : now + 60_000 * admitMinutes;
    return html`<div class="class-admit">
      ${
        asking.length > 0
          ? html`<button type="button" class="primary small" data-testid="admit-asking" @click=${() => {
              for (const { id } of asking) acts?.admit(id);
            }}>${words.admitAsking(asking.length)}</button>`
          : nothing
      }
      <label class="check">
        <input
          type="checkbox"
          data-testid="admit-until"
          .checked=${isOpen}
          @change=${(event: Event) => acts?.admitAll(isChecked(event) ? until : undefined)}
        />
        ${words.admitAll}
      </label>
      <input
        type="time"
        aria-label=${words.admitAll}
        .value=${timeOfDay(until)}
        @change=${(event: Event) => acts?.admitAll(atTime(textOf(event), now))}
      />
    </div>`;
  }

  #invitation(): TemplateResult {
    const { link } = this;
    if (this.#code?.link !== link) this.#code = { link, drawn: qrCode(link), large: qrCode(link) };
    return html`<div class="class-invitation">
      <div class="class-code">${this.#code.drawn}</div>
      <div class="class-link">
        <label class="field">
          <span>${words.link}</span>
          <input type="text" readonly data-testid="class-link" .value=${link} @focus=${(event: Event) => select(event)} />
        </label>
        <div class="buttons">
          <button type="button" class="secondary small" @click=${() => void this.#copy()}>${this.copied}</button>
          <button type="button" class="secondary small" data-testid="large-code" @click=${() => this.#large?.showModal()}>${words.large}</button>
          <button type="button" class="secondary small" data-testid="close-class" @click=${() => this.doors?.close()}>${words.closeClass}</button>
        </div>
      </div>
      <dialog class="class-large" aria-label=${words.link}>
        <p>${words.scan}</p>
        ${this.#code.large}
        <p class="class-large-link">${link}</p>
        <button type="button" class="secondary" @click=${() => this.#large?.close()}>${words.close}</button>
      </dialog>
    </div>`;
  }

  get #large(): HTMLDialogElement | null {
    return this.querySelector<HTMLDialogElement>('.class-large');
  }

  async #copy(): Promise<void> {
    const field = this.querySelector<HTMLInputElement>('[data-testid=class-link]');
    field?.select();
    // The link is selected, for browsers that do not allow it.
    this.copied = await navigator.clipboard.writeText(this.link).then(
      () => words.copied,
      () => words.selected,
    );
  }

  #steering({ eyesUp }: ClassState): TemplateResult {
    const { acts } = this;
    const places = placesOf(this.lessons);
    return html`<section class="class-steer panel" aria-label=${words.title}>
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

  #question(state: ClassState): TemplateResult {
    const questions = questionsAsked(this.lessons);
    return html`<section class="panel" aria-labelledby="class-question-title">
      <h3 id="class-question-title">${words.question}</h3>
      <form
        class="class-ask"
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          const chosen = this.querySelector<HTMLSelectElement>('[data-testid=ask-question]');
          const question = questions[Number(chosen?.value)];
          if (question) this.#ask(question);
        }}
      >
        <select data-testid="ask-question" aria-label=${words.question}>
          ${questions.map(({ title }, i) => html`<option value=${i}>${title}</option>`)}
        </select>
        <button type="submit" class="secondary" data-testid="ask">${words.ask}</button>
      </form>
      ${askedCard(state, questions, this.showsTally, () => {
        this.showsTally = !this.showsTally;
      })}
    </section>`;
  }

  #ask({ asked }: ClassQuestion): void {
    this.showsTally = false;
    this.acts?.ask(asked);
  }

  override disconnectedCallback(): void {
    passFocus(this);
    super.disconnectedCallback();
  }
}

const textOf = ({ target }: Event): string =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : '';
const isChecked = ({ target }: Event): boolean => target instanceof HTMLInputElement && target.checked;
const select = ({ target }: Event): void => {
  if (target instanceof HTMLInputElement) target.select();
};

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `09:15`, by the clock of this machine. */
function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** The next time that the clock says so; undefined for no time. */
function atTime(text: string, now: number): number | undefined {
  const [hours, minutes] = text.split(':').map(Number);
  if (!Number.isFinite(hours) || !Number.isFinite(minutes)) return undefined;
  const date = new Date(now);
  date.setHours(hours, minutes, 0, 0);
  if (date.getTime() <= now) date.setDate(date.getDate() + 1);
  return date.getTime();
}

function countsOf({ pupils }: ClassState, now: number): Record<PupilState, number> {
  const counts: Record<PupilState, number> = {
    asking: 0,
    gone: 0,
    failed: 0,
    stuck: 0,
    watching: 0,
    waiting: 0,
    preparing: 0,
    paused: 0,
    training: 0,
    done: 0,
  };
  for (const pupil of pupils) counts[stateOf(pupil, now)]++;
  return counts;
}

customElements.define('isobar-class', ClassWall);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-class': ClassWall;
  }
}
