/**
 * The published scheme's three products on 1, 2 and 4 ranks (arXiv:2507.05753; the exchanges of its released code), which
 * are closed under derivatives. On four ranks a matrix lies in quarters [[0, 1], [2, 3]], on two in halves of its columns;
 * weights of a two-way `X W` and `X^T W` in halves of the output's. Everything is sent as soon as it is there, and waited
 * for where it is needed.
 */
import type { RankSteps } from './rank-steps.ts';

export type Ways = 1 | 2 | 4;

/** Lengths of a product: the result is [m, n], and k is summed over. */
export interface Lengths {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

type Form = 'xwt' | 'xw' | 'xtw';

/** X W^T. */
export const xwt = (steps: RankSteps, ways: Ways, lengths: Lengths) => multiply('xwt', steps, ways, lengths);
/** X W. */
export const xw = (steps: RankSteps, ways: Ways, lengths: Lengths) => multiply('xw', steps, ways, lengths);
/** X^T W. */
export const xtw = (steps: RankSteps, ways: Ways, lengths: Lengths) => multiply('xtw', steps, ways, lengths);

function multiply(form: Form, steps: RankSteps, ways: Ways, lengths: Lengths): void {
  if (ways === 1) steps.product(lengths.m, lengths.k, lengths.n);
  else if (ways === 2) byTwo(form, steps, lengths);
  else if (form === 'xw') swappedByFour(steps, lengths);
  else lopsidedByFour(form, steps, lengths);
}

function byTwo(form: Form, steps: RankSteps, { m, k, n }: Lengths): void {
  const peer = 1 - steps.place;
  const exchange = steps.exchanges(2);
  const [own, others] = [exchange + steps.place, exchange + peer];
  if (form === 'xwt') {
    // The part of the sum for the peer's half of the result goes first.
    const half = (m * n) / 2;
    steps.product(m, k / 2, n / 2);
    steps.send(own, peer, half);
    steps.product(m, k / 2, n / 2);
    steps.receive(others, peer, half);
    addTo(steps, half);
    return;
  }
  // Halves of X are swapped: those of its summed axis, or those of the result's rows.
  const part = form === 'xw' ? ([m, k / 2, n / 2] as const) : ([m / 2, k, n / 2] as const);
  steps.send(own, peer, (m * k) / 2);
  steps.product(...part);
  steps.receive(others, peer, (m * k) / 2);
  steps.product(...part);
  if (form === 'xw') addTo(steps, (m * n) / 2);
  else steps.pass('stack', { read: (m * n) / 2, written: (m * n) / 2 });
}

/** A sum of two block products is a kernel of its own. */
function addTo(steps: RankSteps, elements: number): void {
  steps.pass('add', { read: 2 * elements, written: elements });
}

/** Rows swap their blocks of X, columns those of W; every rank computes two of the eight block products. */
function swappedByFour(steps: RankSteps, { m, k, n }: Lengths): void {
  const { place } = steps;
  const exchange = steps.exchanges(8);
  const [inRow, inColumn] = [place ^ 1, place ^ 2];
  const [x, w] = [(m * k) / 4, (k * n) / 4];
  steps.send(exchange + place, inRow, x);
  steps.send(exchange + 4 + place, inColumn, w);
  const product = () => steps.product(m / 2, k / 2, n / 2);
  // Ranks 1 and 2 need the peer's X for either product.
  const needsX = place === 1 || place === 2;
  if (needsX) steps.receive(exchange + inRow, inRow, x);
  product();
  if (!needsX) steps.receive(exchange + inRow, inRow, x);
  steps.receive(exchange + 4 + inColumn, inColumn, w);
  product();
  addTo(steps, (m * n) / 4);
}

/** Ranks 1 and 2 compute three block products, one of them for a neighbour; 0 and 3 one. */
function lopsidedByFour(form: 'xwt' | 'xtw', steps: RankSteps, { m, k, n }: Lengths): void {
  const { place } = steps;
  const exchange = steps.exchanges(16);
  const from = (sender: number, receiver: number) => exchange + 4 * sender + receiver;
  const send = (peer: number, floats: number) => steps.send(from(place, peer), peer, floats);
  const receive = (peer: number, floats: number) => steps.receive(from(peer, place), peer, floats);
  const product = () => steps.product(m / 2, k / 2, n / 2);
  const [x, w, y] = [(m * k) / 4, (k * n) / 4, (m * n) / 4];
  if (place === 0 || place === 3) {
    const [toX, toW] = place === 0 ? [1, 2] : [2, 1];
    send(toX, x);
    send(toW, w);
    product();
    receive(form === 'xwt' ? toX : toW, y);
    addTo(steps, y);
    return;
  }
  const other = 3 - place;
  const [givesX, givesW] = place === 1 ? [0, 3] : [3, 0];
  const swapped = form === 'xwt' ? w : x;
  send(other, swapped);
  product();
  send(form === 'xwt' ? givesX : givesW, y);
  // First the product that needs one block of a peer, then the one that needs two.
  if (form === 'xwt') {
    receive(givesW, w);
    product();
    receive(givesX, x);
    receive(other, w);
  } else {
    receive(givesX, x);
    product();
    receive(givesW, w);
    receive(other, x);
  }
  product();
  addTo(steps, y);
}

/** A distributed transpose of a matrix of so many elements, after which all ranks transpose what they have. */
export function transpose(steps: RankSteps, ways: Ways, elements: number): void {
  const { place } = steps;
  if (ways === 2) {
    const exchange = steps.exchanges(2);
    const peer = 1 - place;
    steps.send(exchange + place, peer, elements / 4);
    steps.receive(exchange + peer, peer, elements / 4);
  } else if (ways === 4) {
    const exchange = steps.exchanges(4);
    const peer = 3 - place;
    if (place === 1 || place === 2) {
      steps.send(exchange + place, peer, elements / 4);
      steps.receive(exchange + peer, peer, elements / 4);
    }
  }
  steps.pass('transpose', { read: elements / ways, written: elements / ways });
}
