/** What the compact card and the board have in common: what they are given, pointing, and choosing a mesh. */
import type { PropertyValues } from 'lit';
import type { OfferedMesh } from '../../session/api/cuts.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import { type Cursor, CursorController } from '../cursor.ts';
import { LightElement } from '../light-element.ts';
import { type Holder, type Look, litRanks, namedWeights } from './drawing.ts';
import { meshLike, paintFields } from './parts.ts';
import { followPointer } from './pointing.ts';
import type { BoardView } from './watch-cuts.ts';
import { words } from './words.ts';

/** Sends `isobar-mesh`, a CustomEvent<MeshConfig>, when another possible mesh is chosen. */
export abstract class BoardElement extends LightElement {
  static override readonly properties = {
    view: { attribute: false },
    cursor: { attribute: false },
    holders: { attribute: false },
    fields: { attribute: false },
    own: { attribute: false },
    refused: { state: true },
  };

  declare view: BoardView | undefined;
  declare cursor: Cursor | undefined;
  declare holders: readonly Holder[];
  /** Pictures of fields of the sample, for the columns of ranks in turn. */
  declare fields: readonly ImageData[];
  /** The rank of this page, where it is one among others: its pieces are lit unless others are pointed at. */
  declare own: number | undefined;
  /** Why the mesh that was last pressed is impossible. */
  declare refused: string | undefined;
  #end: (() => void) | undefined;

  constructor() {
    super();
    this.holders = [];
    this.fields = [];
    new CursorController(this, () => this.cursor);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = followPointer(this, () => this.cursor);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('view') || changed.has('fields')) paintFields(this, this.fields);
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
