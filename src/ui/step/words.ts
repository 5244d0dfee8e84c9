/** The words of step mode. */

import type { Role } from '../../show/beat-pictures.ts';
import type { Beat, BeatKind, Phase } from '../../show/beats.ts';
import { bytes, list } from '../../show/format.ts';

const titles: Readonly<Record<BeatKind, string>> = {
  lead: 'prepare',
  norm: 'norm',
  fetch: 'fetch weights',
  send: 'send',
  product: 'multiply',
  scatter: 'send gradients',
  point: 'add, activate',
};

export function beatTitle({ kind, sends }: Beat, phase: Phase): string {
  if (kind === 'send' && sends) return sends === 'input' ? 'send the input' : 'send the result';
  if (kind === 'norm' && phase === 'backward') return 'norm, add';
  return titles[kind];
}

export const isEmpty = ({ steps }: Beat) => steps.every(own => own.length === 0);

const nothing: Readonly<Record<BeatKind, string>> = {
  lead: 'Nothing to do before the product.',
  norm: 'Nothing to norm.',
  fetch: 'Nothing to fetch: every rank has the weights that it needs.',
  send: 'Nothing to send: no other rank has a part in this product.',
  product: 'No product.',
  scatter: 'Nothing to send: the gradients of the weights stay where they were computed.',
  point: 'Nothing of its own: the kernel of the product adds and activates before it stores the result.',
};

/** What happens in a beat, in plain words. */
export function beatText(beat: Beat, phase: Phase): string[] {
  const { kind, travels, sends, fetchedAt } = beat;
  if (isEmpty(beat)) return [nothing[kind]];
  const moved = travels.reduce((sum, travel) => sum + travel.bytes, 0);
  const forward = phase !== 'backward';
  const told: Record<BeatKind, string> = {
    lead: forward
      ? 'Each rank works on its own values, one by one.'
      : 'The gradient arrives from the layer above; what was dropped going forward is dropped here too.',
    norm: forward
      ? 'Each rank brings the channels of every place to the same mean and spread (layer norm).'
      : 'The gradient passes back through the norm, and the skip adds the gradient that went around the block.',
    fetch:
      'Each rank keeps a part of the weights only. Now it gets from its neighbours the rows or columns that it needs for its product (all-gather).',
    send:
      sends === 'input'
        ? 'The input is the smaller here, so it travels: ranks give each other what they multiply.'
        : 'Each rank has computed parts that belong to another. These travel, to be added there (reduce-scatter).',
    product: forward
      ? 'Each rank multiplies its weights by its piece of the input. Where it has only a part of the inner axis, its result is a part too.'
      : 'Each rank multiplies the gradient by its weights, for the layer before, and by its input, for the weights.',
    scatter:
      'Each rank sends the gradients of weights that others keep, and they are added there (reduce-scatter).',
    point: forward
      ? 'Parts that came from others are added to the own; then bias, activation and dropout, value by value.'
      : 'Parts are added, and the gradient passes back through the activation.',
  };
  return [
    told[kind],
    ...(moved > 0 ? [`${bytes(moved)} travel in ${plural(travels.length, 'message')}.`] : []),
    ...(kind === 'product' && fetchedAt.some(own => own.length > 0)
      ? [`The weights came with ${stepsWords(fetchedAt[0] ?? [])} of rank 0.`]
      : []),
  ];
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const stepsWords = (steps: readonly number[]) =>
  `${steps.length === 1 ? 'step' : 'the steps'} ${list(steps.map(String))}`;

const formulas: Readonly<Record<BeatKind, readonly [string, string]>> = {
  lead: ['y = f(x)', 'dy = mask · dz'],
  norm: ['n = g · (x − mean) / deviation + b', 'dx = norm′(dn) + d(skip)'],
  fetch: ['W = allGather(own part of W)', 'W = allGather(own part of W)'],
  send: ['Z = Σ parts of all ranks of the group', 'dZ = what the others hold of it'],
  product: ['P = W · X', 'dX = Wᵀ · dZ,  dW = dZ · Xᵀ'],
  scatter: ['dW = reduceScatter(parts of dW)', 'dW = reduceScatter(parts of dW)'],
  point: ['H = dropout(GELU(Σ P + bias))', 'dP = GELU′(P) · dH'],
};

export const formulaOf = ({ kind, stage, sends }: Beat, phase: Phase): string => {
  if (kind === 'send' && sends === 'input' && phase === 'forward')
    return 'X = own part, and those of the group';
  if (kind === 'send' && sends === 'result' && phase === 'backward')
    return 'dX = Σ parts of all ranks of the group';
  if (kind === 'point' && stage > 0 && phase === 'forward') return 'y = x + dropout(Σ P + bias)';
  return formulas[kind][phase === 'backward' ? 1 : 0];
};

export const roleName = (role: Role, other: number | undefined): string => {
  if (role === 'sent') return other === undefined ? 'goes out' : `goes to ${other}`;
  if (role === 'received') return `came from ${other}`;
  return { left: 'left factor', right: 'right factor', result: 'result', read: 'reads' }[role];
};

export const words = {
  next: 'Next',
  back: 'Back',
  play: 'Play',
  stop: 'Stop',
  now: 'What happens now',
  kernel: 'This kernel',
  layer: 'Layer',
  ways: ['forward', 'backward'] as const,
  noRun: 'No run is prepared yet: step mode shows the next step of the run.',
  running: 'The run is training. Pause it to walk through its next step.',
  loading: 'Computing the step…',
  pick: 'Point at a value, or move with the arrow keys in a picture, to read it.',
  read: 'Read its WGSL',
  hide: 'Hide its WGSL',
  rank: 'Rank',
};
