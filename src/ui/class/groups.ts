/**
 * `<isobar-class-groups>`: pupils who train one model together. Puts the class into groups and ends them; of each group its
 * members, their link and the curve that they have in common; of who stays alone, why. Properties: `state` of the class, `now`, ms
 * since 1970, `acts`. It sends no events.
 */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ClassGroup } from '../../crew/class/pairing.ts';
import { membersOf, type Pupil, stateOf } from '../../crew/class/roll.ts';
import type { ClassState } from '../../crew/class/teacher.ts';
import { LightElement } from '../light-element.ts';
import type { WallActs } from './acts.ts';
import { stateLine } from './card.ts';
import { textOf } from './fields.ts';
import { sparkArea, sparkline } from './sparkline.ts';
import {
  aloneLine,
  curveWords,
  groupName,
  linkLine,
  lossLine,
  placeLine,
  stepLine,
  testsLine,
  words,
} from './words.ts';

/** Pupils are put together by twos. */
export const groupMeshes = ['1x2', '2x1', '2x2', '1x4', '4x1', '2x4', '4x2'] as const;

export class ClassGroups extends LightElement {
  static override properties = {
    state: { attribute: false },
    now: { attribute: false },
    acts: { attribute: false },
    mesh: { state: true },
  };
  declare state: ClassState | undefined;
  declare now: number;
  declare acts: Pick<WallActs, 'pairUp' | 'part'> | undefined;
  declare mesh: string;

  constructor() {
    super();
    this.now = 0;
    this.mesh = groupMeshes[0];
  }

  protected override render(): TemplateResult {
    const { state, acts } = this;
    if (!state) return html`${nothing}`;
    const { tests, groups } = state.grouping;
    const can = state.pupils.filter(pupil => pupil.presence === 'here' && pupil.webgpu);
    const alone = state.pupils.filter(pupil => pupil.alone !== undefined);
    return html`<section class="panel" aria-labelledby="class-groups-title">
      <h3 id="class-groups-title">${words.groups}</h3>
      <p class="caption">${words.groupsAbout}</p>
      <div class="class-pairing">
        <label class="class-sort">
          <span class="muted">${words.groupMesh}</span>
          <select
            data-testid="group-mesh"
            @change=${(event: Event) => {
              this.mesh = textOf(event);
            }}
          >
            ${groupMeshes.map(mesh => html`<option value=${mesh} ?selected=${mesh === this.mesh}>${mesh}</option>`)}
          </select>
        </label>
        <button
          type="button"
          class="secondary"
          data-testid="pair-up"
          ?disabled=${can.length < 2 || tests !== undefined}
          @click=${() => void acts?.pairUp(this.mesh)}
        >
          ${groups.length > 0 ? words.pairAgain : words.pairUp}
        </button>
        ${
          groups.length > 0 || tests
            ? html`<button type="button" class="secondary" data-testid="part" @click=${() => acts?.part()}>${words.part}</button>`
            : nothing
        }
      </div>
      <p role="status" data-testid="pairing">
        ${tests ? testsLine(tests.done, tests.all) : can.length < 2 ? words.noPairs : ''}
      </p>
      <ul class="class-groups">
        ${repeat(
          groups,
          ({ number }) => number,
          group => this.#group(group, membersOf(group.number, state.pupils)),
        )}
      </ul>
      <ul class="class-alone">
        ${repeat(
          alone,
          ({ id }) => id,
          ({ name, alone: why = '' }) =>
            html`<li data-testid="alone" data-name=${name}>${aloneLine(name, why)}</li>`,
        )}
      </ul>
    </section>`;
  }

  #group({ mesh, link }: ClassGroup, members: readonly Pupil[]): TemplateResult {
    const { now } = this;
    const [first] = members;
    const { curve = [], report, lane } = first ?? {};
    const last = curve.at(-1);
    const path = sparkline(curve, report && report.steps > 0 ? report.step / report.steps : 1);
    const reading = curveWords(curve[0]?.loss ?? 0, last?.loss ?? 0, curve.length);
    return html`<li class="class-group" data-testid="group" data-state=${first ? stateOf(first, now) : 'gone'}>
      <p><b>${groupName(members.map(({ name }) => name))}</b> <span class="muted">${lane ?? mesh}</span></p>
      <p class="muted" data-testid="group-link">${linkLine(link)}</p>
      <svg class="spark" viewBox="0 0 ${sparkArea.width} ${sparkArea.height}" preserveAspectRatio="none" role="img" aria-label=${reading}>
        ${path ? svg`<path d=${path} fill="none" stroke="var(--model)" vector-effect="non-scaling-stroke" />` : nothing}
      </svg>
      <p class="pupil-facts muted">
        ${last ? html`<span>${lossLine(last.loss)}</span>` : nothing}
        ${report && report.steps > 0 ? html`<span>${stepLine(report.step, report.steps)}</span>` : nothing}
      </p>
      <ul class="class-members">
        ${members.map(
          pupil => html`<li data-testid="group-member" data-name=${pupil.name} data-state=${stateOf(pupil, now)}>
            ${pupil.name} <span class="muted">${placeLine(pupil.group?.place ?? 0)} · ${stateLine(pupil, now)}</span>
          </li>`,
        )}
      </ul>
    </li>`;
  }
}

customElements.define('isobar-class-groups', ClassGroups);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-class-groups': ClassGroups;
  }
}
