// Figures of the docs that a command has made: between two comments that name the command. Nobody edits them by hand.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** @param {string} command */
const begin = command => `<!-- made by ${command} -->`;
const end = '<!-- end of what was made -->';

/**
 * @param {string} docs the text of a page
 * @param {string} command that makes it
 * @returns {string} what the command has made of it
 */
export function madeIn(docs, command) {
  const [from, to] = placeOf(docs, command);
  return docs.slice(from, to);
}

/**
 * @param {string} docs
 * @param {string} command
 */
function placeOf(docs, command) {
  const from = docs.indexOf(begin(command));
  const to = docs.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`There is no place for what "${command}" makes.`);
  return [from + begin(command).length + 1, to - 1];
}

/**
 * @param {string} path of the page, from the root of the project
 * @param {string} command
 * @param {string} text lines without the last end of line
 */
export async function writeInDocs(path, command, text) {
  const file = join(root, path);
  const docs = await readFile(file, 'utf8');
  const [from, to] = placeOf(docs, command);
  await writeFile(file, docs.slice(0, from) + text + docs.slice(to));
  console.log(`Written: ${path}`);
}
