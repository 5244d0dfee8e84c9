/**
 * `<isobar-class>`: the teacher's wall at `#/class`. All pupils with their curves, what the teacher may do for all of them, the
 * link as text and as a code large enough for a projector, the tally of a question, a race.
 *
 * Properties: `state` of the class, undefined before it is opened; `link`; `kinds` of rooms that can be opened; `canReopen`, a
 * class of this tab was open before; `lessons`; `now`, ms since 1970; `search` of the address; `fault`, why the class was
 * not opened; `isOpening`; `acts` of the class that is open, `doors`. It sends no events.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RoomKind } from '../../crew/api.ts';
import { inOrder, type Pupil, type PupilOrder, pupilOrders } from '../../crew/class/roll.ts';
import type { ClassState } from '../../crew/class/teacher.ts';
import { passFocus } from '../dom.ts';
import type { Lesson } from '../lesson/format.ts';
import { LightElement } from '../light-element.ts';
import { pupilCard, stateLine } from './card.ts';
import { textOf } from './fields.ts';
import './groups.ts';
import './head.ts';
import './race.ts';
import './steer.ts';
import type { ClassDoors, WallActs } from './acts.ts';
import { type ClassRuns, laneColour, namedByGroup } from './runs-chart.ts';
import { createSlices } from './slices.ts';
import { askedCard, type ClassQuestion, questionsAsked } from './tally.ts';
import { kindNotes, kindWords, orderWords, words } from './words.ts';

/** Cards that are drawn in one task. */
const cardsAtOnce = 6;

/** The class as of then. */
interface Moment {
  readonly state: ClassState;
  readonly now: number;
}

interface Drawn {
  readonly pupil: Pupil;
  readonly now: number;
}

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
  /** What there is to show comes at once, and is drawn a part at a time: whose cards, and as of when, are drawn by now. */
  readonly #slices = createSlices();
  readonly #drawn = new Map<string, Drawn>();
  #above: Moment | undefined;
  #beside: Moment | undefined;

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

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('state')) this.#drawInSlices();
    if (changed.has('pointed') || changed.has('by')) this.#drawRuns();
  }

  /** What is there for the first time is drawn at once. */
  #drawInSlices(): void {
    const { state, now } = this;
    if (!state) {
      this.#slices.begin([]);
      this.#drawn.clear();
      this.#above = this.#beside = undefined;
      return;
    }
    const { pupils } = state;
    const ids = new Set(pupils.map(({ id }) => id));
    for (const id of this.#drawn.keys()) if (!ids.has(id)) this.#drawn.delete(id);
    for (const pupil of pupils) if (!this.#drawn.has(pupil.id)) this.#drawn.set(pupil.id, { pupil, now });
    const moment: Moment = { state, now };
    this.#above ??= moment;
    this.#beside ??= moment;
    const cards = Array.from({ length: Math.ceil(pupils.length / cardsAtOnce) }, (_, i) => () => {
      for (const pupil of pupils.slice(i * cardsAtOnce, (i + 1) * cardsAtOnce))
        this.#drawn.set(pupil.id, { pupil, now });
      this.requestUpdate();
    });
    this.#slices.begin([
      () => {
        this.#above = moment;
        this.requestUpdate();
      },
      () => {
        this.#beside = moment;
        this.requestUpdate();
      },
      ...cards,
      () => this.#drawRuns(),
    ]);
  }

  #drawRuns(): void {
    const chart = this.querySelector<ClassRuns>('isobar-class-runs');
    const { state, pointed, by } = this;
    if (!chart || !state) return;
    chart.content = { pupils: namedByGroup(state), pointed, lanes: lanesOf(state), by };
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

  #wall(latest: ClassState): TemplateResult {
    const { acts, pointed } = this;
    if (!acts) return html`${nothing}`;
    const { state, now } = this.#beside ?? { state: latest, now: this.now };
    const above = this.#above ?? { state: latest, now: this.now };
    const pupils = inOrder(latest.pupils, this.order, this.now);
    const lanes = lanesOf(state);
    const cards = {
      ...acts,
      point: (id: string | undefined) => {
        this.pointed = id;
      },
    };
    return html`
      <isobar-class-head .state=${above.state} .now=${above.now} .link=${this.link} .acts=${acts} .doors=${this.doors}></isobar-class-head>
      <isobar-class-steer .eyesUp=${above.state.eyesUp} .lessons=${this.lessons} .acts=${acts}></isobar-class-steer>
      <div class="class-body">
        <div class="class-side">
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
              latestOf => {
                const { pupil, now } = this.#drawn.get(latestOf.id) ?? { pupil: latestOf, now: this.now };
                const look = { now, isPointed: pupil.id === pointed, colour: laneColour(pupil.lane, lanes) };
                const said = stateLine(pupil, now);
                return guard([pupil, said, look.isPointed, look.colour], () => pupilCard(pupil, look, cards));
              },
            )}
          </ul>
        </section>
        <isobar-class-groups .state=${state} .now=${now} .acts=${acts}></isobar-class-groups>
        </div>
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
