/**
 * What the compact card and the board have in common: what they are given, pointing, choosing a mesh, and lighting up what
 * goes on at the cursor's moment of the last sampled step.
 */
import type { PropertyValues } from 'lit';
import type { RankCard } from '../../crew/cards.ts';
import { ranksOf } from '../../mesh/mesh.ts';
import type { OfferedMesh, ParameterPlace } from '../../session/api/cuts.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import { type Moment, momentsOf } from '../../show/live.ts';
import { type Cursor, CursorController } from '../cursor.ts';
import { LightElement } from '../light-element.ts';
import type { SampledStep } from '../page-state.ts';
import { createReader, type Plans, type StepReading } from '../timeline/reading.ts';
import { type Holder, type Look, litRanks, namedWeights } from './drawing.ts';
import { LivePaint } from './live-paint.ts';
import type { MachinePlaces } from './live-places.ts';
import { createPace, type Pace } from './pace.ts';
import { meshLike, paintFields } from './parts.ts';
import { drawnNames } from './pieces.ts';
import { followPointer } from './pointing.ts';
import type { BoardView } from './watch-cuts.ts';
import { words } from './words.ts';

/** Of a recording that does not tell. */
const nowhere: readonly ParameterPlace[] = [];

/** Sends `isobar-mesh`, a CustomEvent<MeshConfig>, when another possible mesh is chosen. */
export abstract class BoardElement extends LightElement {
  static override readonly properties = {
    view: { attribute: false },
    cursor: { attribute: false },
    holders: { attribute: false },
    fields: { attribute: false },
    sampled: { attribute: false },
    plans: { attribute: false },
    cards: { attribute: false },
    own: { attribute: false },
    isOfRun: { attribute: false },
    refused: { state: true },
  };

  declare view: BoardView | undefined;
  declare cursor: Cursor | undefined;
  declare holders: readonly Holder[];
  /** Pictures of fields of the sample, for the columns of ranks in turn. */
  declare fields: readonly ImageData[];
  /** The last sampled step, the plans that its traces count by hash, and the cards of its ranks. */
  declare sampled: SampledStep | undefined;
  declare plans: Plans;
  declare cards: readonly RankCard[];
  /** The rank of this page, where it is one among others: its pieces are lit unless others are pointed at. */
  declare own: number | undefined;
  /** What is sampled is of the cut that is shown; it is not where other settings are chosen than those of the run. */
  declare isOfRun: boolean;
  /** Why the mesh that was last pressed is impossible. */
  declare refused: string | undefined;

  readonly #paint = new LivePaint(this);
  readonly #read = createReader();
  readonly #pace = createPace();
  #pacedBy: SampledStep | undefined;
  readonly #watch = new IntersectionObserver(entries => this.#seen(entries.at(-1)?.isIntersecting ?? false));
  #isSeen = false;
  #end: (() => void) | undefined;
  #moments:
    | { readonly reading: StepReading; readonly view: BoardView; readonly at: (at: number) => Moment }
    | undefined;
  #drawn: { readonly view: BoardView; readonly names: ReadonlyMap<string, string> } | undefined;

  constructor() {
    super();
    this.holders = [];
    this.fields = [];
    this.plans = new Map();
    this.cards = [];
    this.isOfRun = true;
    new CursorController(
      this,
      () => this.cursor,
      () => this.#light(),
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch.observe(this);
    this.#end = followPointer(this, () => this.cursor);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
    this.#watch.disconnect();
    this.#seen(false);
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('view') || changed.has('fields')) paintFields(this, this.fields);
    this.#paint.forget();
    this.#light();
  }

  /** It has come into sight or gone out of it. */
  protected seen(_isSeen: boolean): void {}

  #seen(isSeen: boolean): void {
    if (isSeen === this.#isSeen) return;
    this.#isSeen = isSeen;
    if (isSeen) this.#light();
    else this.#paint.show(undefined, undefined, name => name);
    this.seen(isSeen);
  }

  protected get isSeen(): boolean {
    return this.#isSeen;
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const { sampled, view } = this;
    if (!sampled || !this.isOfRun) this.#pace.forget();
    if (!sampled || sampled === this.#pacedBy || !this.isOfRun || !view?.prediction) return;
    this.#pacedBy = sampled;
    const reading = this.#lastReading();
    if (reading?.lanes.ranks.length === ranksOf(view.mesh)) this.#pace.add(reading.lanes, view.prediction);
  }

  /** By the last sampled steps. */
  get pace(): Pace {
    return this.#pace.now();
  }

  #lastReading(): StepReading | undefined {
    return this.sampled && this.#read(this.sampled.traces, this.plans, this.cards);
  }

  /** The step that is replayed: the last that was sampled. */
  protected reading(): StepReading | undefined {
    return this.#lastReading();
  }

  /** What goes on at the cursor's moment; undefined where there is none, or the step is not of this cut. */
  protected moment(): Moment | undefined {
    const at = this.cursor?.state().at;
    const { view } = this;
    const reading = at === undefined ? undefined : this.reading();
    if (at === undefined || !view?.answer || !('cuts' in view.answer) || !reading) return undefined;
    const { ranks } = view.answer.cuts;
    if (reading.lanes.ranks.length !== ranks.length) return undefined;
    if (this.#moments?.reading !== reading || this.#moments.view !== view) {
      const placesOf = (rank: number) => ranks[rank].places ?? nowhere;
      this.#moments = { reading, view, at: momentsOf(reading.lanes, placesOf) };
    }
    return this.#moments.at(at);
  }

  /** Draws what else goes on at a moment than pieces that light up. @returns where ranks and links are drawn */
  protected drawMoment(_moment: Moment | undefined): MachinePlaces | undefined {
    return undefined;
  }

  #light(): void {
    if (!this.#isSeen) return;
    const moment = this.moment();
    const places = this.drawMoment(moment);
    const names = this.#drawnNames();
    this.#paint.show(moment, places, name => names?.get(name) ?? name);
  }

  #drawnNames(): ReadonlyMap<string, string> | undefined {
    const { view } = this;
    if (!view?.answer || !('cuts' in view.answer)) return undefined;
    if (this.#drawn?.view !== view) this.#drawn = { view, names: drawnNames(view.answer.cuts.weights) };
    return this.#drawn.names;
  }

  /** @param prefix of the ids of its hatches */
  protected look(prefix: string): Look {
    const names = new Map(this.holders.map(({ rank, name }) => [rank, name]));
    const cursor = this.cursor?.state();
    const pointedAt = litRanks(cursor);
    const lit = pointedAt.size > 0 || this.own === undefined ? pointedAt : new Set([this.own]);
    return { prefix, names, lit, named: namedWeights(cursor) };
  }

  /** Why the mesh is impossible, or else what can be done here. */
  protected said(): string {
    const answer = this.view?.answer;
    const impossible = answer && 'impossible' in answer ? answer.impossible : undefined;
    return this.refused ?? impossible ?? words.hint;
  }

  protected choose(offer: OfferedMesh): void {
    this.refused = offer.impossible;
    if (offer.impossible !== undefined || !this.view) return;
    const detail: MeshConfig = meshLike(this.view.mesh, offer);
    this.dispatchEvent(new CustomEvent('isobar-mesh', { detail, bubbles: true }));
  }
}
