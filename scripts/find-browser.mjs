// Where browsers live on Linux, macOS and Windows. Nothing is started here: a path is found or not.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Folders that Windows installs programs in; empty on other systems. */
const windowsFolders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
  .map(name => process.env[name])
  .filter(folder => folder !== undefined);

/**
 * Path of a Chrome or Chromium: `CHROME_PATH`, then the usual places, then Playwright's cache.
 *
 * @returns {string | undefined}
 * @throws {Error} where CHROME_PATH names a file that does not exist.
 */
export function findChromium() {
  return (
    named('CHROME_PATH') ??
    onPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) ??
    [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      ...windowsFolders.flatMap(folder => [
        join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
        join(folder, 'Chromium', 'Application', 'chrome.exe'),
      ]),
    ].find(path => existsSync(path)) ??
    inPlaywrightCache()
  );
}

/**
 * Path of a stock Firefox: `FIREFOX_PATH`, then the usual places.
 *
 * @returns {string | undefined}
 * @throws {Error} where FIREFOX_PATH names a file that does not exist.
 */
export function findFirefox() {
  return (
    named('FIREFOX_PATH') ??
    onPath(['firefox-esr', 'firefox']) ??
    [
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      ...windowsFolders.map(folder => join(folder, 'Mozilla Firefox', 'firefox.exe')),
    ].find(path => existsSync(path))
  );
}

/** @param {string} variable */
function named(variable) {
  const path = process.env[variable];
  if (!path) return undefined;
  if (!existsSync(path)) throw new Error(`${variable} is ${path}, but there is no such file.`);
  return path;
}

/**
 * The first of these programs that is in a folder of PATH; none on Windows.
 *
 * @param {string[]} names
 */
export function onPath(names) {
  if (process.platform === 'win32') return undefined;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(path => existsSync(path));
}

/** The newest full Chromium that Playwright has downloaded, of any revision. */
function inPlaywrightCache() {
  const caches =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Caches')
      : process.platform === 'win32'
        ? (process.env.LOCALAPPDATA ?? homedir())
        : join(homedir(), '.cache');
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(caches, 'ms-playwright');
  if (!existsSync(cache)) return undefined;
  const executables = [
    'chrome',
    'chrome.exe',
    ...['Chromium', 'Google Chrome for Testing'].map(macExecutable),
  ];
  return readdirSync(cache)
    .filter(name => /^chromium-\d+$/.test(name))
    .sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)))
    .flatMap(name => readdirSync(join(cache, name)).map(build => join(cache, name, build)))
    .flatMap(build => executables.map(executable => join(build, executable)))
    .find(path => existsSync(path));
}

/** @param {string} name */
const macExecutable = name => join(`${name}.app`, 'Contents', 'MacOS', name);
