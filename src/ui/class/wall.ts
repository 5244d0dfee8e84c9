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
import { inOrder, type PupilOrder, pupilOrders } from '../../crew/class/roll.ts';
import type { ClassState } from '../../crew/class/teacher.ts';
import { passFocus } from '../dom.ts';
import type { Lesson } from '../lesson/format.ts';
import { LightElement } from '../light-element.ts';
import { pupilCard } from './card.ts';
import { textOf } from './fields.ts';
import './groups.ts';
import './head.ts';
import './race.ts';
import './steer.ts';
import type { ClassDoors, WallActs } from './acts.ts';
import { type ClassRuns, laneColour } from './runs-chart.ts';
import { askedCard, type ClassQuestion, questionsAsked } from './tally.ts';
import { kindNotes, kindWords, orderWords, words } from './words.ts';

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
    by: { state: true },
    showsTally: { state: true },
    kind: { state: true },
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
  declare kind: RoomKind | undefined;

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
  }

  protected override render(): TemplateResult {
    const { state } = this;
    return state ? this.#wall(state) : this.#closed();
  }

  protected override updated(): void {
    const chart = this.querySelector<ClassRuns>('isobar-class-runs');
    const { state, pointed, by } = this;
    if (!chart || !state) return;
    chart.content = { pupils: state.pupils, pointed, lanes: lanesOf(state), by };
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
    const lanes = lanesOf(state);
    const cards = {
      ...acts,
      point: (id: string | undefined) => {
        this.pointed = id;
      },
    };
    return html`
      <isobar-class-head .state=${state} .now=${now} .link=${this.link} .acts=${acts} .doors=${this.doors}></isobar-class-head>
      <isobar-class-steer .eyesUp=${state.eyesUp} .lessons=${this.lessons} .acts=${acts}></isobar-class-steer>
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
              pupil =>
                pupilCard(
                  pupil,
                  { now, isPointed: pupil.id === pointed, colour: laneColour(pupil.lane, lanes) },
                  cards,
                ),
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
          <isobar-class-groups .state=${state} .now=${now} .acts=${acts}></isobar-class-groups>
          ${this.#question(state)}
          <isobar-class-race .state=${state} .search=${this.search} .acts=${acts}></isobar-class-race>
        </div>
      </div>
    `;
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

const lanesOf = ({ race }: ClassState) => race?.lanes.map(({ label }) => label) ?? [];

customElements.define('isobar-class', ClassWall);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-class': ClassWall;
  }
}
