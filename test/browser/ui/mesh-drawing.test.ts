/** What the page shows of a mesh four times a second is changed where it is, not made anew. */
import { afterEach, expect, test } from 'vitest';
import { createMeshDrawing, type DrawnRank } from '../../../src/ui/mesh-drawing.ts';
import { createRankTable } from '../../../src/ui/rank-table.ts';
import type { RankView } from '../../../src/ui/rank-view.ts';

afterEach(() => document.body.replaceChildren());

const mesh = { rows: 1, columns: 2, replicas: 1 };
const place = (rank: number) => ({ rank, row: 0, column: rank, replica: 0 });

function drawnWith(work: number): DrawnRank[] {
  const shares = { work, card: 0, exchange: 100 - work, data: 0 };
  return [0, 1].map(rank => ({ ...place(rank), name: `page ${rank}`, look: 'running', shares }));
}

const lengthOf = (bar: Element | null) => Number(bar?.getAttribute('x2')) - Number(bar?.getAttribute('x1'));

test('a drawing keeps its parts while only shares change, and is made anew for another mesh', () => {
  const figure = document.createElement('div');
  const show = createMeshDrawing(figure);
  show(mesh, drawnWith(50));
  const svg = figure.querySelector('svg');
  const bar = figure.querySelector('g[data-rank="1"] line.work');
  const half = lengthOf(bar);
  expect(half).toBeGreaterThan(0);
  show(mesh, drawnWith(25));
  expect(figure.querySelector('svg')).toBe(svg);
  expect(figure.querySelector('g[data-rank="1"] line.work')).toBe(bar);
  expect(lengthOf(bar)).toBe(half / 2);
  expect(lengthOf(figure.querySelector('g[data-rank="1"] line.exchange'))).toBe(1.5 * half);
  expect(figure.querySelector('g[data-rank="1"] title')?.textContent).toBe(
    'rank 1: page 1, computing 25 %, exchanging 75 %',
  );
  show({ ...mesh, columns: 1 }, drawnWith(25).slice(0, 1));
  expect(figure.querySelector('svg')).not.toBe(svg);
  expect(figure.querySelectorAll('g.rank')).toHaveLength(1);
});

test('a row of the table changes in the cells that say something else', () => {
  document.body.innerHTML = '<table id="rank-table"><tbody></tbody></table>';
  const show = createRankTable();
  const viewsWith = (stepMs: number): RankView[] =>
    [0, 1].map(rank => ({
      ...place(rank),
      member: undefined,
      state: 'running',
      memory: undefined,
      report: {
        ...{ rank, bytesSent: 1024, messagesSent: 3, dataMs: 0, exchangeMs: 5, exposedExchangeMs: 5 },
        stepMs: rank === 0 ? 10 : stepMs,
      },
    }));
  show(viewsWith(10), 1);
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('tbody tr')];
  const cells = rows.map(row => [...row.cells]);
  const [bar] = rows[1].querySelectorAll('.share-bar > i');
  expect(rows.map(row => row.cells[4].textContent)).toEqual(
    Array(2).fill('computing 50 %, exchanging 50 %, waiting for data 0 %'),
  );
  show(viewsWith(20), 1);
  expect([...document.querySelectorAll('tbody tr')]).toEqual(rows);
  expect([...rows[0].cells]).toEqual(cells[0]);
  expect([...rows[1].cells].map((cell, i) => cell === cells[1][i])).toEqual(Array(5).fill(true));
  expect(rows[1].cells[4].textContent).toContain('computing 75 %');
  expect(rows[1].querySelector('.share-bar > i')).toBe(bar);
  expect((bar as HTMLElement).style.flexGrow).toBe('75');
  show(viewsWith(20).slice(0, 1), 1);
  expect(document.querySelectorAll('tbody tr')).toHaveLength(1);
});
