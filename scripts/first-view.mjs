/**
 * What the first view loads is two files: a small one that looks for WebGPU, and the rest. Left to itself a bundler cuts a
 * file for every set of views that share some code: sixty here, each of them compressed by itself, a tenth larger together.
 */

/** @typedef {{ getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null }} Modules */

/**
 * For `codeSplitting.groups`. What both files need is in the first.
 *
 * @param {string} root folder of the repository
 */
export const firstViewFiles = root => [
  fileFrom('start', `${root}/src/ui/main.ts`, 2),
  fileFrom('first-view', `${root}/src/ui/app.ts`, 1),
];

/**
 * What a worker starts with is one file, for the same reason; only one of these is in each build.
 *
 * @param {string} root folder of the repository
 */
export const workerFiles = root =>
  ['worker', 'rank-worker'].map(name => fileFrom(name, `${root}/src/session/${name}.ts`, 1));

/**
 * A file of a module and all that it imports, by itself or by others, but for what is loaded on demand.
 *
 * @param {string} name
 * @param {string} first
 * @param {number} priority
 */
function fileFrom(name, first, priority) {
  /** @type {Set<string> | undefined} */
  let modules;
  return {
    debugName: name,
    priority,
    /** @param {string} id @param {Modules} all */
    name: (id, all) => {
      // One config serves several builds: the page, its workers.
      if (!all.getModuleInfo(first)) return null;
      modules ??= importedFrom(first, all);
      return modules.has(id) ? name : null;
    },
  };
}

/** @param {string} first @param {Modules} all */
function importedFrom(first, all) {
  const found = new Set([first]);
  // A set is walked in the order in which it grows.
  for (const id of found)
    for (const imported of all.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}
