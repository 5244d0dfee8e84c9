/**
 * Lights up what is computed at a moment of a step, in drawings that lit has made: pieces and ranks by the attribute
 * `data-live`, transfers as dots on their links. A moment comes with every frame of a replay, so only what has changed is
 * touched, and nothing is made anew.
 */
import type { LiveTransfer, Moment } from '../../show/live.ts';
import { ownerLook } from '../../show/owners.ts';
import { alongLink, type MachinePlaces } from './live-places.ts';

const svgSpace = 'http://www.w3.org/2000/svg';

export class LivePaint {
  readonly #root: HTMLElement;
  /** By owner and parameter, or owner alone for its part of the sample. */
  #pieces: Map<string, SVGElement[]> | undefined;
  #lit = new Map<SVGElement, string>();
  #dots: SVGCircleElement[] = [];

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** The drawings are other ones. */
  forget(): void {
    this.#pieces = undefined;
  }

  /**
   * @param moment undefined: nothing is replayed, and all is as at rest
   * @param drawnFor the parameter that stands for another in the drawing, as the first of several that are alike
   */
  show(
    moment: Moment | undefined,
    places: MachinePlaces | undefined,
    drawnFor: (name: string) => string,
  ): void {
    this.#root.classList.toggle('is-live', moment !== undefined);
    const pieces = this.#pieces ?? this.#found();
    const lit = new Map<SVGElement, string>();
    const light = (key: string, how: string) => {
      for (const piece of pieces.get(key) ?? []) lit.set(piece, how);
    };
    for (const { from, to, weights } of moment?.transfers ?? []) {
      for (const weight of weights) {
        light(keyOf(from, drawnFor(weight)), 'sent');
        light(keyOf(to, drawnFor(weight)), 'sent');
      }
    }
    for (const { rank, kind, weights } of moment?.ranks ?? []) {
      light(keyOf(rank), kind);
      for (const weight of weights) light(keyOf(rank, drawnFor(weight)), kind);
    }
    for (const piece of this.#lit.keys()) if (!lit.has(piece)) piece.removeAttribute('data-live');
    for (const [piece, how] of lit) if (piece.getAttribute('data-live') !== how) piece.dataset.live = how;
    this.#lit = lit;
    this.#place(places ? (moment?.transfers ?? []) : [], places);
  }

  #found(): Map<string, SVGElement[]> {
    const pieces = new Map<string, SVGElement[]>();
    for (const shape of this.#root.querySelectorAll<SVGElement>('.piece > [data-id], .live-node')) {
      const { id = '', of = '' } = shape.dataset;
      const piece = shape.closest<SVGElement>('.piece, .live-node');
      const key = keyOf(Number(id.slice('r:'.length)), of.slice('w:'.length));
      if (piece) pieces.set(key, [...(pieces.get(key) ?? []), piece]);
    }
    this.#pieces = pieces;
    return pieces;
  }

  #place(transfers: readonly LiveTransfer[], places: MachinePlaces | undefined): void {
    const layer = this.#root.querySelector('.live-dots');
    if (!layer || !places) return;
    if (this.#dots.some(dot => dot.parentNode !== layer)) this.#dots = [];
    let used = 0;
    for (const { from, to, bytes, share } of transfers) {
      const link = places.links.find(
        ({ ranks: [a, b] }) => (a === from && b === to) || (a === to && b === from),
      );
      if (!link) continue;
      const dot = this.#dots[used] ?? this.#newDot(layer);
      const { x, y } = alongLink(link, from, share);
      dot.setAttribute('cx', x.toFixed(1));
      dot.setAttribute('cy', y.toFixed(1));
      dot.setAttribute('r', radiusOf(bytes).toFixed(1));
      dot.setAttribute('fill', ownerLook(from).colour);
      dot.removeAttribute('visibility');
      used++;
    }
    for (const dot of this.#dots.slice(used)) dot.setAttribute('visibility', 'hidden');
  }

  #newDot(layer: Element): SVGCircleElement {
    const dot = document.createElementNS(svgSpace, 'circle');
    layer.append(dot);
    this.#dots.push(dot);
    return dot;
  }
}

const keyOf = (rank: number, parameter = '') => `${rank} ${parameter}`;

/** Of a dot, in px: from some bytes to megabytes, by powers of two. */
const radiusOf = (bytes: number) => Math.min(9, Math.max(3, Math.log2(bytes) / 2 - 1));
