// The built page of `npm start`, made anew where what it is made of has changed. That is told by content, not by time: a
// checkout of an older commit, a file that was removed or an unpacked archive leave times that say nothing.
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** All that the page is made of, files and folders; packages are told by the lockfile. */
const sources = [
  'index.html',
  'package-lock.json',
  'public',
  'scripts/page-headers.mjs',
  'shaders',
  'src',
  'tsconfig.json',
  'vite.config.ts',
];

/** In the build: the digest of its sources. Vite empties the folder, so it is never left beside another build. */
const stampFile = '.sources';

/**
 * @param {string} root folder of the repository, with a slash at the end
 * @returns {Promise<{ folder: string, isNew: boolean }>} where the build is, and whether it was made now
 */
export async function builtPage(root) {
  const folder = `${root}dist`;
  const digest = await digestOf(root);
  const stamp = await readFile(join(folder, stampFile), 'utf8').catch(() => undefined);
  if (stamp === digest) return { folder, isNew: false };

  const { build } = await import('vite');
  // Whole before it is in its place, so that two starts at once, and one that is ended, leave no half of a build.
  const [fresh, old] = ['new', 'old'].map(name => `${root}.isobar/build-${process.pid}-${name}`);
  try {
    await build({
      root,
      configFile: `${root}vite.config.ts`,
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    });
    await writeFile(join(fresh, stampFile), digest);
    await rename(folder, old).catch(() => {});
    await rename(fresh, folder);
  } finally {
    for (const rest of [fresh, old]) await rm(rest, { recursive: true, force: true });
  }
  return { folder, isNew: true };
}

/** @param {string} root */
async function digestOf(root) {
  const hash = createHash('sha256');
  for (const path of await filesOf(root)) {
    const content = await readFile(root + path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** @param {string} root @returns {Promise<string[]>} paths from the root, in an order that is always the same */
async function filesOf(root) {
  const lists = await Promise.all(sources.map(source => filesBelow(root, source)));
  return lists.flat().sort();
}

/**
 * @param {string} root
 * @param {string} source a folder, or a file, which is then the only one
 */
async function filesBelow(root, source) {
  try {
    const entries = await readdir(root + source, { recursive: true, withFileTypes: true });
    const files = entries.filter(entry => entry.isFile());
    return files.map(({ parentPath, name }) => join(parentPath, name).slice(root.length));
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOTDIR') return [source];
    if (code === 'ENOENT') return [];
    throw error;
  }
}
