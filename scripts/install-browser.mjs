import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium } from './find-browser.mjs';
import { root } from './setup.mjs';

/**
 * Path of a Chromium that starts. Where none is found, Playwright downloads one; where that fails, or what it
 * downloaded lacks system libraries, and this is Debian with root rights, apt installs Debian's.
 *
 * @returns {string}
 * @throws {Error} where neither works, saying what to do.
 */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;

  console.error('No Chrome or Chromium found: Playwright downloads one ...');
  run(process.execPath, [`${root}node_modules/playwright-core/cli.js`, 'install', '--no-shell', 'chromium']);
  const downloaded = findChromium();
  if (downloaded && starts(downloaded)) return downloaded;

  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.error('That did not work: apt installs chromium ...');
    run('apt-get', ['update']);
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
    const installed = findChromium();
    if (installed && starts(installed)) return installed;
  }
  throw new Error(
    downloaded
      ? `${downloaded} does not start, most likely for want of system libraries: run "npx playwright-core install-deps chromium", or install Chrome or Chromium yourself.`
      : 'Isobar runs in Chrome or Chromium, and could not install one. Install it, or set CHROME_PATH to its executable.',
  );
}

/**
 * @param {string} command
 * @param {string[]} parameters
 */
function run(command, parameters) {
  return spawnSync(command, parameters, { stdio: ['ignore', 2, 2] }).status === 0;
}

/** @param {string} path */
const starts = path => spawnSync(path, ['--version']).status === 0;
