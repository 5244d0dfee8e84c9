// What every command does first: check Node, and install the packages of the lockfile where they are missing.
// Only Node's own modules may be imported here, since nothing else is there on a fresh checkout.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at the end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Ends the process where Node is too old, and runs `npm ci` where packages are missing or of another version. */
export function setUp() {
  checkNode();
  if (packagesMatch()) return;
  console.error('Installing packages (npm ci) ...');
  // A shell finds npm.cmd on Windows.
  const { status } = spawnSync('npm ci', { cwd: root, stdio: ['ignore', 2, 2], shell: true });
  if (status !== 0) {
    console.error('npm ci failed: see above. Isobar needs its packages once; after that it runs offline.');
    process.exit(1);
  }
}

function checkNode() {
  const needed = readJson('package.json').engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = needed.split('.').map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  console.error(
    `Isobar needs Node ${needed} or later; this is Node ${process.versions.node}. Get one from https://nodejs.org.`,
  );
  process.exit(1);
}

/** True where npm's own record of what is installed agrees with the lockfile. Optional packages may be absent. */
function packagesMatch() {
  if (!existsSync(`${root}node_modules/.package-lock.json`)) return false;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(readJson('package-lock.json').packages).every(
    ([path, { version, optional }]) =>
      path === '' || optional || installed[path]?.version === version || installed[path]?.link,
  );
}

/** @param {string} path */
const readJson = path => JSON.parse(readFileSync(root + path, 'utf8'));
