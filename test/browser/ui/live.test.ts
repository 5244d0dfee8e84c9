/** The board while a step is replayed: what lights up, what runs along the links, when it runs at all, and what a frame takes. */

import { afterEach, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import '../../../src/ui/theme.css';
import '../../../src/ui/board/board.css';
import '../../../src/ui/board/live.css';
import { cutsOf, wholeOf } from '../../../src/session/api/cuts.ts';
import { lanesOf } from '../../../src/show/lanes.ts';
import { type Moment, momentsOf } from '../../../src/show/live.ts';
import '../../../src/ui/board/board.ts';
import { drawnNames } from '../../../src/ui/board/pieces.ts';
import type { BoardView } from '../../../src/ui/board/watch-cuts.ts';
import { createCursor } from '../../../src/ui/cursor.ts';
import { oneCard, plansByHash, recordedStep } from './simulated-steps.ts';

afterEach(async () => {
  document.body.replaceChildren();
  await cdp().send('Emulation.setEmulatedMedia', { features: [] });
});

const mesh = { rows: 2, columns: 2, replicas: 1 };
const answer = cutsOf(wholeOf({ preset: 'tiny', overrides: { batch: 2 } }), mesh);
if ('impossible' in answer) throw new Error(answer.impossible);
const { cuts } = answer;
const view: BoardView = { mesh: { ...mesh, overlap: false }, answer, offered: [], ways: [] };
const traces = recordedStep(7);
const lanes = lanesOf(
  traces,
  hash => plansByHash.get(hash),
  () => 'host',
)!;
const momentAt = momentsOf(lanes, rank => cuts.ranks[rank].places ?? []);
const names = drawnNames(cuts.weights);

const frame = () => new Promise(resolve => requestAnimationFrame(resolve));

/** Resolves with the first state of the cursor that is as wanted. */
async function shown(training = false) {
  const board = document.createElement('isobar-board');
  const cursor = createCursor();
  Object.assign(board, { view, cursor, training, plans: plansByHash, cards: oneCard });
  board.sampled = { origin: 0, traces };
  const seen = new Promise<void>(resolve => {
    const watch = new IntersectionObserver(() => resolve());
    watch.observe(board);
  });
  document.body.append(board);
  await seen;
  await board.updateComplete;
  await frame();
  return { board, cursor };
}

type Board = Awaited<ReturnType<typeof shown>>['board'];

/** By how it is lit, owner and parameter of every piece; of the sample the owner alone. */
function litIn(board: Board, how: string): Set<string> {
  const pieces = board.querySelectorAll<SVGElement>(`.piece[data-live="${how}"] > [data-id]`);
  return new Set([...pieces].map(({ dataset: { id, of } }) => `${id} ${of ?? ''}`));
}

const drawn = new Set(names.values());
const working = ({ ranks }: Moment) =>
  new Set(
    ranks.flatMap(({ rank, kind, weights }) =>
      kind === 'work' ? [`r:${rank} `, ...weights.map(name => `r:${rank} w:${names.get(name)}`)] : [],
    ),
  );
const dotsIn = (board: Board) => [...board.querySelectorAll('.live-dots circle:not([visibility])')];

/** A moment of which this is so, that lasts. */
function momentWhere(is: (moment: Moment) => boolean): number {
  for (let i = 1; i < 2000; i++) {
    const at = (lanes.wallMs * i) / 2000;
    if (is(momentAt(at))) return at;
  }
  throw new Error('no such moment');
}

test('at any moment those pieces light up whose owners compute with them, dots are on their way, and the rest is grey', async () => {
  const { board, cursor } = await shown();
  expect(board.classList.contains('is-live')).toBe(false);
  let seen = 0;
  for (let i = 0; i <= 60; i++) {
    const at = (lanes.wallMs * i) / 60;
    cursor.set({ at });
    const moment = momentAt(at);
    const expected = working(moment);
    const kept = [...expected].filter(key => board.querySelector(pieceOf(key)));
    expect(litIn(board, 'work'), `at ${at}`).toEqual(new Set(kept));
    expect(dotsIn(board)).toHaveLength(moment.transfers.length);
    seen += kept.length;
  }
  expect(seen).toBeGreaterThan(60);
  // Every kind of matrix has its turn.
  expect(drawn.size).toBeGreaterThan(10);
  const fill = () => getComputedStyle(board.querySelector('.sample .piece > [data-id="r:0"]')!).fill;
  const said = () => board.querySelector('.live-said')?.textContent;
  cursor.set({ at: momentWhere(({ ranks }) => ranks[0].kind === 'work') });
  expect(fill()).toContain('board-hatch-0');
  expect(said()).toMatch(/Ranks? 0.* computes?: .*, (forward|backward|update)\./);
  const at = momentWhere(({ ranks }) => ranks[0].kind === 'exchange');
  cursor.set({ at });
  expect(fill()).not.toContain('board-hatch');
  expect(said()).toMatch(/Ranks? 0 .*waits? for \d\./);
  expect(board.querySelector('.live-node[data-live="exchange"] .live-state')?.textContent).toMatch(
    /waits for \d/,
  );
  expect(Number(board.querySelector<HTMLInputElement>('.live-slider')?.value)).toBeCloseTo(at, 9);
  cursor.set({ at: undefined });
  expect(board.classList.contains('is-live')).toBe(false);
  expect(board.querySelectorAll('.piece[data-live]')).toHaveLength(0);
  expect(dotsIn(board)).toHaveLength(0);
});

const pieceOf = (key: string) => {
  const [id, of] = key.split(' ');
  return `.piece > [data-id="${id}"]${of ? `[data-of="${of}"]` : ':not([data-of])'}`;
};

test('a dot is where its transfer has come to, and the words say what it is and how fast it went', async () => {
  const { board, cursor } = await shown();
  const at = momentWhere(({ transfers: [first] }) => first?.share < 0.3);
  cursor.set({ at });
  const [{ from, to, begun, ended, exchange }] = momentAt(at).transfers;
  const node = (rank: number) => {
    const { left, top, width, height } = board
      .querySelector(`.live-node[data-id="r:${rank}"] rect`)!
      .getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const far = (dot: Element, rank: number) => {
    const { left, top, width, height } = dot.getBoundingClientRect();
    const { x, y } = node(rank);
    return Math.hypot(left + width / 2 - x, top + height / 2 - y);
  };
  const [dot] = dotsIn(board);
  const whole = Math.hypot(node(to).x - node(from).x, node(to).y - node(from).y);
  const near = far(dot, from);
  expect(near / whole).toBeLessThan(0.4);
  const later = begun + 0.9 * (ended - begun);
  cursor.set({ at: later });
  const same = momentAt(later).transfers.findIndex(
    other => other.exchange === exchange && other.from === from,
  );
  expect(far(dotsIn(board)[same], to) / whole).toBeLessThan(0.2);
  expect(board.querySelector('.live-transfers')?.textContent).toMatch(
    /\d → \d: [\d.]+.\w+ of .* at [\d.]+.MB\/s/u,
  );
});

test('while the run trains and the board is in sight it replays, as slow as it says; out of sight nothing runs', async () => {
  const { board, cursor } = await shown(true);
  const moved = () =>
    new Promise<void>(resolve => {
      const end = cursor.subscribe(() => {
        end();
        resolve();
      });
    });
  await moved();
  expect(cursor.state().at).toBeGreaterThanOrEqual(0);
  await board.updateComplete;
  expect(board.querySelector('.live-speed')?.textContent).toMatch(/step 7, .*ms, replay ×\d/);
  board.hidden = true;
  while (cursor.state().at !== undefined) await moved();
  let moves = 0;
  cursor.subscribe(() => moves++);
  for (let i = 0; i < 10; i++) await frame();
  expect(moves).toBe(0);
  // Nor is anything drawn where another view moves the cursor.
  cursor.set({ at: lanes.wallMs / 2 });
  expect(board.querySelectorAll('.piece[data-live]')).toHaveLength(0);
  cursor.set({ at: undefined });
  board.hidden = false;
  await moved();
  // A reader who stops it looks at that moment, whatever is sampled next.
  const stop = [...board.querySelectorAll('button')].find(({ textContent }) =>
    textContent?.includes('Stop'),
  )!;
  stop.click();
  await board.updateComplete;
  const at = cursor.state().at;
  board.sampled = { origin: 0, traces: recordedStep(8) };
  await board.updateComplete;
  await frame();
  expect(cursor.state().at).toBe(at);
  expect(board.querySelector('.live-speed')?.textContent).toContain('step 7');
  // Over, and begun again: it follows.
  board.training = false;
  await board.updateComplete;
  board.training = true;
  await moved();
  board.training = false;
  await board.updateComplete;
  expect(cursor.state().at).toBeUndefined();
});

test('who wants less motion has the cursor, and no loop', async () => {
  await cdp().send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-reduced-motion', value: 'reduce' }],
  });
  const { board, cursor } = await shown(true);
  let moves = 0;
  cursor.subscribe(() => moves++);
  for (let i = 0; i < 10; i++) await frame();
  expect(moves).toBe(0);
  expect([...board.querySelectorAll('.live-tools button')].map(({ textContent }) => textContent)).toEqual([
    'At rest',
  ]);
  const slider = board.querySelector<HTMLInputElement>('.live-slider')!;
  slider.value = `${lanes.wallMs / 2}`;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  expect(cursor.state().at).toBeCloseTo(lanes.wallMs / 2, 1);
  expect(slider.ariaValueText).toBe(board.querySelector('.live-said')?.textContent);
});
