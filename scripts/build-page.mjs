// Built pages, kept: that of `npm start`, the headless one of the terminal, those of the bench. One is made anew where what
// it is made of has changed. That is told by content, not by time: a checkout of an older commit, a file that was removed
// or an unpacked archive leave times that say nothing.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** All that a page is made of beside its own folder, files and folders; packages are told by the lockfile. */
const sources = [
  'package-lock.json',
  'public',
  'scripts/embind-without-eval.mjs',
  'scripts/first-view.mjs',
  'scripts/page-headers.mjs',
  'scripts/packed-files.mjs',
  'scripts/pure-scales.mjs',
  'scripts/wgsl-without-comments.mjs',
  'shaders',
  'src',
  'tsconfig.json',
  'vite.config.ts',
];

/** In the build: the digest of its sources. Vite empties the folder, so it is never left beside another build. */
const stampFile = '.sources';

/** The page that people open. Its build is where any static host looks for it; others are out of sight. */
const mainPage = 'index.html';

/**
 * @param {string} root folder of the repository, with a slash at the end
 * @param {string} [page] path of its HTML file from there
 * @returns {Promise<{ folder: string, isNew: boolean }>} where the build is, and whether it was made now
 */
export async function builtPage(root, page = mainPage) {
  const folder = root + (page === mainPage ? 'dist' : `.isobar/built/${page.replaceAll('/', '-')}`);
  const digest = await digestOf(root, page);
  const isKept = async () =>
    (await readFile(join(folder, stampFile), 'utf8').catch(() => undefined)) === digest;
  if (await isKept()) return { folder, isNew: false };

  // Whole before it is in its place, so that two starts at once, and one that is ended, leave no half of a build.
  const [fresh, old] = ['new', 'old'].map(name => `${root}.isobar/build-${process.pid}-${name}`);
  try {
    await build(root, page, fresh);
    await writeFile(join(fresh, stampFile), digest);
    await mkdir(dirname(folder), { recursive: true });
    // Who starts at the same moment may have made the same, and be about to read it.
    if (await isKept()) return { folder, isNew: true };
    await rename(folder, old).catch(() => {});
    await rename(fresh, folder);
  } finally {
    for (const rest of [fresh, old]) await rm(rest, { recursive: true, force: true });
  }
  return { folder, isNew: true };
}

/**
 * @param {string} root
 * @param {string} page
 * @param {string} folder is emptied
 */
async function build(root, page, folder) {
  const vite = await import('vite');
  const { NODE_ENV } = process.env;
  // Vite builds for development where the shell says so.
  process.env.NODE_ENV = 'production';
  try {
    await vite.build({
      root,
      configFile: `${root}vite.config.ts`,
      logLevel: 'warn',
      build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: join(root, page) } },
    });
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}

/** @param {string} root @param {string} page */
async function digestOf(root, page) {
  const hash = createHash('sha256');
  for (const path of await filesOf(root, page)) {
    const content = await readFile(root + path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} page
 * @returns {Promise<string[]>} paths from the root, each once, in an order that is always the same
 */
async function filesOf(root, page) {
  // A page in `src` is there already.
  const lists = await Promise.all([...sources, page.split('/')[0]].map(source => filesBelow(root, source)));
  return [...new Set(lists.flat())].sort();
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
