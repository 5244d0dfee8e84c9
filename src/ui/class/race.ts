/**
 * `<isobar-class-race>`: sets up a race of the class and starts it. Properties: `state` of the class, `search` of the address,
 * whose set-up all lanes share, `acts`.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Class, ClassState, Lane } from '../../crew/class/teacher.ts';
import { withSettings } from '../address.ts';
import { LightElement } from '../light-element.ts';
import { laneSettings, lanesOf, meshesLike } from './lanes.ts';
import { raceLine, words } from './words.ts';

type RaceActs = Pick<Class, 'setUpRace' | 'startRace'>;

const usualSteps = 200;

export class ClassRace extends LightElement {
  static override properties = {
    state: { attribute: false },
    search: { attribute: false },
    acts: { attribute: false },
    name: { state: true },
    values: { state: true },
    steps: { state: true },
    fault: { state: true },
  };
  declare state: ClassState | undefined;
  declare search: string;
  declare acts: RaceActs | undefined;
  declare name: string;
  declare values: string;
  declare steps: number;
  declare fault: string;

  constructor() {
    super();
    this.search = '';
    this.name = laneSettings[0].name;
    this.values = laneSettings[0].usual;
    this.steps = usualSteps;
    this.fault = '';
  }

  protected override render(): TemplateResult {
    const { state } = this;
    const race = state?.race;
    return html`<section class="panel" aria-labelledby="class-race-title">
      <h3 id="class-race-title">${words.race}</h3>
      <p class="caption">${words.raceAbout}</p>
      <form class="class-race" @submit=${this.#setUp}>
        <label class="field">
          <span>${words.differs}</span>
          <select data-testid="race-setting" @change=${this.#choose}>
            ${laneSettings.map(({ name }) => html`<option value=${name} ?selected=${name === this.name}>${name}</option>`)}
          </select>
        </label>
        <label class="field">
          <span>${words.lanes}</span>
          <input type="text" maxlength="80" data-testid="race-lanes" .value=${this.values} @input=${this.#write} />
        </label>
        <label class="field">
          <span>${words.steps}</span>
          <input type="number" min="1" max="1000000" required .value=${String(this.steps)} @input=${this.#count} />
        </label>
        <button type="submit" class="secondary" data-testid="race-set-up">${words.setUp}</button>
      </form>
      <p class="problem" role="alert">${this.fault}</p>
      ${race ? html`<p role="status">${state ? raceLine(state) : ''} ${this.#lanes(race.lanes)}</p>` : nothing}
      ${
        race && !race.hasBegun
          ? html`<button type="button" class="primary" data-testid="race-go" @click=${() => this.acts?.startRace()}>${words.raceGo}</button>`
          : nothing
      }
    </section>`;
  }

  #lanes(lanes: readonly Lane[]): string {
    return lanes
      .map(({ label }) => {
        const racing = this.state?.pupils.filter(({ lane }) => lane === label).length ?? 0;
        return `${label}: ${racing}`;
      })
      .join(', ');
  }

  #choose = ({ target }: Event): void => {
    if (!(target instanceof HTMLSelectElement)) return;
    this.name = target.value;
    const group = this.state?.grouping.groups[0];
    this.values =
      target.value === 'mesh' && group
        ? meshesLike(group.mesh)
        : (laneSettings.find(({ name }) => name === target.value)?.usual ?? '');
  };

  #write = ({ target }: Event): void => {
    if (target instanceof HTMLInputElement) this.values = target.value;
  };

  #count = ({ target }: Event): void => {
    if (target instanceof HTMLInputElement && target.validity.valid) this.steps = target.valueAsNumber;
  };

  #setUp = (event: Event): void => {
    event.preventDefault();
    const lanes = lanesOf(withSettings(this.search, `?steps=${this.steps}`), this.name, this.values);
    this.fault = typeof lanes === 'string' ? lanes : '';
    if (typeof lanes !== 'string') this.acts?.setUpRace(lanes);
  };
}

customElements.define('isobar-class-race', ClassRace);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-class-race': ClassRace;
  }
}
