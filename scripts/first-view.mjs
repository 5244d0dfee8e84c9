/**
 * What the first view loads is a few files: the entry, a small one that looks for WebGPU, the rest, and the worker. Left to
 * itself a bundler cuts a file for every set of views that share some code: sixty here, each of them compressed by itself, a
 * tenth larger together.
 */

/** @typedef {{ getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null }} Modules */

/** The page takes its own id from this package, and no more before it opens a room. */
const takenInPart = '/node_modules/@trystero-p2p/';

/**
 * For `codeSplitting.groups`. What both files need is in the first. The entry itself is in neither: it waits for the second,
 * which would wait for it.
 *
 * @param {string} root folder of the repository
 */
export const firstViewFiles = root => [
  fileOf('start', 2, `${root}/src/ui/main.ts`, false),
  fileOf('first-view', 1, `${root}/src/ui/app.ts`),
];

/**
 * One file for what a worker starts with; each build has one of these.
 *
 * @param {string} root folder of the repository
 */
export const workerFiles = root =>
  ['worker', 'rank-worker'].map(name => fileOf(name, 1, `${root}/src/session/${name}.ts`));

/**
 * @param {string} name
 * @param {number} priority
 * @param {string} first module of the file, with all that it imports
 * @param {boolean} withFirst or that alone
 */
function fileOf(name, priority, first, withFirst = true) {
  /** @type {Set<string> | undefined} */
  let modules;
  return {
    debugName: name,
    priority,
    // All of them are named here, but for what is left out.
    includeDependenciesRecursively: false,
    /** @param {string} id @param {Modules} all */
    name: (id, all) => {
      // One config serves several builds: the page, its workers, other pages.
      if (!all.getModuleInfo(first) || (id === first && !withFirst)) return null;
      modules ??= importedFrom(first, all);
      return modules.has(id) ? name : null;
    },
  };
}

/**
 * A module and all that it imports, by itself or by others, but for what is loaded on demand.
 *
 * @param {string} first
 * @param {Modules} all
 */
function importedFrom(first, all) {
  const found = new Set([first]);
  // A set is walked in the order in which it grows.
  for (const id of found) {
    for (const imported of all.getModuleInfo(id)?.importedIds ?? []) {
      if (!imported.includes(takenInPart)) found.add(imported);
    }
  }
  return found;
}
