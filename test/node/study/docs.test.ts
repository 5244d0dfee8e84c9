/** What the docs and the page have of the example study is made from its rows, by a command, and is as the command makes it now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/setup.mjs';
import {
  aboutIn,
  docsCommand,
  docsOf,
  docsPage,
  docsPlots,
  shippedRows,
} from '../../../scripts/study-docs.mjs';
import { madeIn } from '../../../scripts/write-in-docs.mjs';
import { readStudy, runsOf } from '../../../src/study/study-file.ts';
import { readRows } from '../../../src/study/study-row.ts';

const text = (path: string) => readFileSync(join(root, path), 'utf8');
const rows = readRows(text(shippedRows));

test('tables, fits and plots in the docs are those of the rows', () => {
  const page = text(docsPage);
  expect(madeIn(page, docsCommand)).toBe(`${aboutIn(page)}\n\n${docsOf(rows)}`);
  for (const [name, svg] of docsPlots(rows)) expect(text(`docs/${name}.svg`)).toBe(svg);
});

test('the rows that the page opens are those of the example, each run once', () => {
  const runs = runsOf(readStudy(text('examples/studies/five-minutes.json')));
  expect(rows.map(({ id }) => id).sort()).toEqual(runs.map(({ id }) => id).sort());
});
