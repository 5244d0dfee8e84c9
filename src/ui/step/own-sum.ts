/**
 * `<isobar-own-sum>`: a number's own sum. Each term is a bar in the look of the rank that held it; the sum is done again here,
 * in float64, and compared with what the device has.
 *
 * Properties: `plans` of all ranks, `look`, and the `cell` that is asked for; undefined where none is.
 */
import { html, nothing, type PropertyValues, svg } from 'lit';
import type { Looked, RankLook } from '../../session/api/api.ts';
import type { StepPlan } from '../../show/beat-pictures.ts';
import {
  type CellSum,
  cellSumOf,
  looksFor,
  type Ref,
  reader,
  refsOf,
  type Summed,
  summed,
} from '../../show/cell-sum.ts';
import { exactNumber } from '../../show/format.ts';
import { hatches, swatch } from '../board/drawing.ts';
import { pathOf } from '../board/pieces.ts';
import { LightElement } from '../light-element.ts';
import { afterText, sumWords, termsText } from './sum-words.ts';

export interface Cell {
  readonly ref: Ref;
  /** For people: which number of which matrix. */
  readonly name: string;
}

interface Found {
  readonly sum: CellSum;
  readonly done: Summed;
  readonly seen: number;
  readonly read: (ref: Ref) => number;
}

const chart = { width: 640, height: 80 };
/** Terms that are told of one by one. */
const told = 64;

export class OwnSum extends LightElement {
  static override readonly properties = {
    plans: { attribute: false },
    look: { attribute: false },
    cell: { attribute: false },
    found: { state: true },
    why: { state: true },
  };

  declare plans: readonly StepPlan[];
  declare look: ((looks: readonly RankLook[]) => Promise<readonly Looked[]>) | undefined;
  declare cell: Cell | undefined;
  declare found: Found | undefined;
  /** Why there is none, for people. */
  declare why: string | undefined;

  constructor() {
    super();
    this.plans = [];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('cell') && !changed.has('plans')) return;
    this.found = undefined;
    this.why = undefined;
    void this.#compute();
  }

  async #compute(): Promise<void> {
    const { cell, plans, look } = this;
    if (!cell || !look) return;
    const isStale = () => cell !== this.cell || plans !== this.plans;
    const sum = cellSumOf(plans, cell.ref);
    const looks = 'why' in sum ? undefined : looksFor(plans, [cell.ref, ...refsOf(sum)]);
    if ('why' in sum || !looks) {
      this.why = 'why' in sum ? sum.why : sumWords.apart;
      return;
    }
    try {
      const values = (await look(looks)).map(looked => looked.values);
      if (isStale()) return;
      const read = reader(looks, values);
      const seen = read(cell.ref);
      this.found = { sum, done: summed(sum, read, seen), seen, read };
    } catch (cause) {
      if (!isStale()) this.why = cause instanceof Error ? cause.message : String(cause);
    }
  }

  protected override render() {
    const { cell, found, why } = this;
    if (!cell) return html`<p class="own-sum-hint">${sumWords.hint}</p>`;
    return html`<section class="own-sum" aria-label=${sumWords.title}>
      <h3>${cell.name}${found ? html` = ${exactNumber(found.seen)}` : nothing}</h3>
      ${why ? html`<p role="status">${why}</p>` : nothing} ${found ? this.#sum(found, cell) : nothing}
    </section>`;
  }

  #sum({ sum, done, seen, read }: Found, { ref }: Cell) {
    const owners = [...new Set(sum.terms.map(({ owner }) => owner))].sort((a, b) => a - b);
    const partial = (owner: number) =>
      done.terms.reduce((total, term, i) => total + (sum.terms[i].owner === owner ? term : 0), 0);
    const count = (owner: number) => sum.terms.filter(term => term.owner === owner).length;
    const scale = Math.max(
      Math.abs(seen),
      Math.abs(sum.factor) * done.terms.reduce((total, term) => total + Math.abs(term), 0),
    );
    const apart = scale > 0 ? Math.abs(done.value - seen) / scale : 0;
    return html`${hatches('sum-hatch', this.plans.length)}
      <p>${termsText(sum)}</p>
      ${sum.terms.length > 1 ? bars(sum, done, owners) : nothing}
      <ul class="own-sum-owners">
        ${owners.map(
          owner => html`<li data-id="r:${owner}">
            ${swatch(owner, 'sum-hatch')}
            ${sumWords.held(owner, count(owner), owner === ref.rank)}: <b data-partial=${owner}>${exactNumber(partial(owner))}</b>
          </li>`,
        )}
      </ul>
      ${sum.after.map(each => html`<p>${afterText(each, done.isDropped, read)}</p>`)}
      <p role="status" class="own-sum-total">${sumWords.total(exactNumber(done.value), exactNumber(seen), apart)}</p>
      <details>
        <summary>${sumWords.one}</summary>
        <ol class="own-sum-terms">
          ${sum.terms
            .slice(0, told)
            .map(
              ({ factors, owner }, i) =>
                html`<li>${owner}: ${factors.map(read).map(exactNumber).join(' × ')} = ${exactNumber(done.terms[i])}</li>`,
            )}
        </ol>
        ${sum.terms.length > told ? html`<p>${sumWords.more(sum.terms.length - told)}</p>` : nothing}
      </details>`;
  }
}

/** Terms from left to right: up above zero, down below. */
function bars({ terms }: CellSum, { terms: values }: Summed, owners: readonly number[]) {
  const most = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  const width = chart.width / terms.length;
  const middle = chart.height / 2;
  const rects = (owner: number) =>
    values.flatMap((value, i) => {
      const height = (middle * Math.abs(value)) / most;
      if (terms[i].owner !== owner) return [];
      return [
        { x: i * width, y: value < 0 ? middle : middle - height, width: Math.max(0.6, 0.85 * width), height },
      ];
    });
  return html`<svg class="own-sum-bars" viewBox="0 0 ${chart.width} ${chart.height}" preserveAspectRatio="none" role="img"
    aria-label=${sumWords.picture}>${owners.map(
      owner => svg`<path d=${pathOf(rects(owner))} fill="url(#sum-hatch-${owner})"></path>`,
    )}<line x1="0" x2=${chart.width} y1=${middle} y2=${middle}></line></svg>`;
}

customElements.define('isobar-own-sum', OwnSum);
