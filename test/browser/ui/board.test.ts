/** The board's elements: pointing lights all that an owner holds, keys go where the mouse goes, and a mesh says why not. */
import { afterEach, expect, test } from 'vitest';
import { cutsOf, meshesFor, wholeOf } from '../../../src/session/api/cuts.ts';
import { openCuts } from '../../../src/session/api/open-cuts.ts';
import type { MeshConfig } from '../../../src/session/api/run-config.ts';
import type { IsobarBoard } from '../../../src/ui/board/board.ts';
import type { IsobarMachine } from '../../../src/ui/board/machine.ts';
import '../../../src/ui/board/board.ts';
import '../../../src/ui/board/machine.ts';
import type { BoardView } from '../../../src/ui/board/watch-cuts.ts';
import { createCursor } from '../../../src/ui/cursor.ts';

afterEach(() => document.body.replaceChildren());

const mesh = { rows: 2, columns: 2, replicas: 1 };
const whole = wholeOf({ preset: 'tiny', overrides: { batch: 2 } });
const answer = cutsOf(whole, mesh);
const view: BoardView = { mesh: { ...mesh, overlap: false }, answer, offered: meshesFor(whole), ways: [] };
const cuts = 'cuts' in answer ? answer.cuts : undefined;

async function shown<Name extends 'isobar-machine' | 'isobar-board'>(name: Name) {
  const element: HTMLElementTagNameMap[Name] = document.createElement(name);
  const cursor = createCursor();
  const holders = [0, 1, 2, 3].map(rank => ({ rank, name: `page ${rank}`, card: rank < 3 ? 'one' : 'two' }));
  Object.assign(element, { view, cursor, holders });
  document.body.append(element);
  await element.updateComplete;
  return { element, cursor };
}

const piecesOf = (element: IsobarMachine | IsobarBoard, rank: number) => [
  ...element.querySelectorAll<SVGElement>(`.piece > [data-id="r:${rank}"]`),
];

test('pointing at a piece lights all that its owner holds, and the card says so to everybody', async () => {
  const { element, cursor } = await shown('isobar-machine');
  const own = piecesOf(element, 2);
  // The sample and two weights.
  expect(own).toHaveLength(3);
  own[1].dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }));
  await element.updateComplete;
  expect(cursor.state().hovered).toEqual(['r:2', 'w:blocks.0.token1.weight']);
  expect(piecesOf(element, 2).every(piece => piece.matches('.is-lit > *'))).toBe(true);
  expect(piecesOf(element, 1).every(piece => piece.matches('.is-dim > *'))).toBe(true);
  // It is the same piece, not one made anew.
  expect(piecesOf(element, 2)).toEqual(own);
  element.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'mouse' }));
  expect(cursor.state().hovered).toEqual([]);
  cursor.set({ hovered: ['r:1'] });
  await element.updateComplete;
  expect(piecesOf(element, 1).every(piece => piece.getAttribute('aria-pressed') === 'true')).toBe(true);
});

test('the pieces of this page are lit, unless another is pointed at', async () => {
  const { element, cursor } = await shown('isobar-machine');
  element.own = 3;
  await element.updateComplete;
  const isLit = (rank: number) => piecesOf(element, rank).every(piece => piece.matches('.is-lit > *'));
  expect([0, 1, 2, 3].map(isLit)).toEqual([false, false, false, true]);
  cursor.set({ hovered: ['r:1'] });
  await element.updateComplete;
  expect([0, 1, 2, 3].map(isLit)).toEqual([false, true, false, false]);
});

test('keys: one stop a drawing, arrows within it, Escape leaves', async () => {
  const { element, cursor } = await shown('isobar-machine');
  const drawing = element.querySelector('[data-pieces]')!;
  const stops = [...drawing.querySelectorAll<SVGElement>('[tabindex="0"]')];
  expect(stops).toHaveLength(1);
  const press = (key: string) =>
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  stops[0].focus();
  expect(cursor.state().hovered).toEqual(['r:0']);
  press('ArrowLeft');
  expect(cursor.state().hovered).toEqual(['r:3']);
  press('ArrowRight');
  press('ArrowRight');
  expect(cursor.state().hovered).toEqual(['r:1']);
  expect(document.activeElement?.getAttribute('aria-label')).toBe(
    'page 1: 16 rows, fields 8-14, 17'.replace('page 1', '1 page 1'),
  );
  press('Escape');
  expect(cursor.state().hovered).toEqual([]);
});

test('a mesh is chosen with the other choices kept; one that is impossible says why', async () => {
  const { element } = await shown('isobar-machine');
  const chosen: MeshConfig[] = [];
  document.addEventListener('isobar-mesh', event => chosen.push((event as CustomEvent<MeshConfig>).detail), {
    once: true,
  });
  const chips = [...element.querySelectorAll<HTMLButtonElement>('.chip')];
  expect(chips.map(chip => chip.textContent?.trim())).toEqual(['1', '1x2', '2x1', '2x2', '2x4', '2', '4']);
  expect(chips.map(chip => chip.ariaPressed === 'true')).toEqual(chips.map((_, i) => i === 3));
  chips[6].click();
  await element.updateComplete;
  expect(chosen).toEqual([]);
  expect(element.querySelector('[role="status"]')?.textContent).toBe(
    'A batch of 2 cannot be shared by 4 replicas: choose a multiple of 4.',
  );
  chips[1].click();
  expect(chosen).toEqual([{ rows: 1, columns: 2, replicas: 1, overlap: false }]);
});

test('the card says what a rank holds, who takes turns, and the cut in words', async () => {
  const { element } = await shown('isobar-machine');
  const text = element.textContent?.replace(/\s+/g, ' ') ?? '';
  expect(text).toContain('Three on this card: they take turns');
  expect(text).toMatch(/A rank holds about [\d.]+.[KM]iB of [\d.]+.[KM]iB \(\d+ %\)/u);
  expect(text).toContain('Its 3 optimizer copies: same cut.');
  expect(element.querySelectorAll('.sr-only li')).toHaveLength(4);
});

test('the board draws every kind of parameter, with the indices of each owner, and the luggage of the one pointed at', async () => {
  const { element, cursor } = await shown('isobar-board');
  const names = [...element.querySelectorAll('.weight-name')].map(name => name.textContent);
  expect(names).toContain('embed.weight');
  expect(names).toContain('blocks.0.norm1.bias');
  const labels = [...element.querySelectorAll('.weight-kind')].find(kind =>
    kind.textContent?.includes('blocks.0.token1.weight'),
  );
  const indices = [...(labels?.querySelectorAll('.indices li') ?? [])];
  expect(indices.map(item => item.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
    '0 [0-7, 16-23; 0-31]',
    '1 [8-15, 24-31; 0-31]',
    '2 [0-7, 16-23; 32-63]',
    '3 [8-15, 24-31; 32-63]',
  ]);
  const luggage = () => element.querySelector('.board-luggage h3')?.textContent?.trim();
  expect(luggage()).toMatch(/0 page 0$/);
  cursor.set({ hovered: ['r:3'] });
  await element.updateComplete;
  expect(luggage()).toMatch(/3 page 3$/);
});

test('the worker cuts without a device or data', async () => {
  const api = openCuts(message => expect.unreachable(message));
  const found = await api.cuts({ preset: 'tiny', overrides: { batch: 2 } }, mesh);
  expect(found).toEqual({ cuts });
});
