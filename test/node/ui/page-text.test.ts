/** What holds for all text of the page: it names no file that is not there for its reader, and numbers are written in one way. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exactNumber, fieldNumber, withMinus } from '../../../src/show/format.ts';

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(ts|md)$/.test(name))
    .map(name => join(folder, name));

/** What is shown comes from here; the terminal may name files of the project. */
const shown = [
  ...['ui', 'show', 'tasks', 'models', 'data', 'crew', 'net', 'session', 'energy'].flatMap(name =>
    filesIn(`src/${name}`),
  ),
  'index.html',
];

/** Without comments, and code without blanks at the beginnings of lines. */
const textOf = (file: string) =>
  readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

test('no text of the page names a file of the documentation that nobody can open there', () => {
  const named = shown.flatMap(file =>
    [...textOf(file).matchAll(/(?<!\]\(|href=")docs\/[\w-]+\.md/g)].map(([name]) => `${file}: ${name}`),
  );
  expect(named).toEqual([]);
});

test('a number has the same sign wherever it is written', () => {
  expect(exactNumber(-0.0417283123)).toBe('−0.04172831');
  expect(exactNumber(2.1e-9)).toBe('2.1e−9');
  expect(exactNumber(-2.1e-9)).toBe('−2.1e−9');
  expect(fieldNumber(-0.0417, 3)).toBe('−0.0417');
  expect(withMinus('-3.0')).toBe('−3.0');
  // Whoever puts a sign into a text does it there.
  const own = shown.filter(
    file => file !== join('src', 'show', 'format.ts') && /replace(All)?\('-', '−'\)/.test(textOf(file)),
  );
  expect(own).toEqual([]);
});
