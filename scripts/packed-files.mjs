import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

/** What is larger takes seconds each, and is loaded by those who read such files. */
const mostBytes = 500_000;

/** As small as it gets: for what is compressed once and sent often. */
const packed = (/** @type {Buffer} */ content) =>
  promisify(brotliCompress)(content, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });

/**
 * Writes a `.br` beside scripts, styles and JSON of the page's build, which servers that know of such files send as they are.
 * Brotli's last two steps make them 8 % smaller and take ten times as long: here nobody waits for them.
 *
 * @returns {import('vite').Plugin}
 */
export function packedFiles() {
  return {
    name: 'isobar-packed-files',
    apply: 'build',
    async writeBundle({ dir = '' }, files) {
      // Pages of the terminal are never sent far.
      if (!('index.html' in files)) return;
      const names = Object.keys(files).filter(name => /\.(js|css|json)$/.test(name));
      await Promise.all(
        names.map(async name => {
          const content = await readFile(join(dir, name));
          if (content.length <= mostBytes) await writeFile(join(dir, `${name}.br`), await packed(content));
        }),
      );
    },
  };
}
