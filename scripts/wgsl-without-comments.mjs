import { readFile } from 'node:fs/promises';

/** A line for a reader: its comment, its indentation and most spaces are nothing to a compiler. What it uses stands in a comment, too. */
const forReaders = /^[ \t]+|[ \t]*\/\/(?! use \w+$).*$/gm;

/** Round these signs a space says nothing. Beside `-` and `&` it may: two of them would be another sign. */
const spacedSigns = / *([=+*/%<>,;:(){}]) */g;

/** @param {string} text */
export const withoutComments = text =>
  text
    .replace(forReaders, '')
    .replace(/\n{2,}/g, '\n')
    .split('\n')
    .map(line => (line.startsWith('//') ? line : line.replace(spacedSigns, '$1')))
    .join('\n');

/**
 * Workers get their shaders without comments and indentation: a tenth of what a page loads before its first step. Who
 * wants to read a shader gets it whole, from the page.
 *
 * @returns {import('vite').Plugin}
 */
export function wgslWithoutComments() {
  return {
    name: 'isobar-wgsl-without-comments',
    enforce: 'pre',
    apply: 'build',
    async load(id) {
      if (!id.endsWith('.wgsl?raw')) return undefined;
      const text = await readFile(id.slice(0, -'?raw'.length), 'utf8');
      return `export default ${JSON.stringify(withoutComments(text))}`;
    },
  };
}
