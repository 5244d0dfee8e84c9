// npm test: every check, in order, on a machine that may have nothing but Node. All run, whatever fails, so that one
// run tells everything; the last line sums them up: "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { findFirefox } from './find-browser.mjs';
import { ensureChromium } from './install-browser.mjs';
import { root, setUp } from './setup.mjs';

/** @typedef {{ title: string, passed: number, failed: number, skipped: number, seconds: number }} Outcome */

const reports = `${root}test-results`;

setUp();
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports);
const chromium = ensureChromium();
const firefox = findFirefox();
console.log(
  `Chromium: ${chromium}\nFirefox: ${firefox ?? 'not found, so the op tests run in Chromium only'}`,
);

const outcomes = [
  command('Types (tsc)', 'typescript/bin/tsc', ['-p', '.']),
  command('Style (Biome)', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
  tests('Unit tests in Node', 'node'),
  tests('Unit tests in Chromium', 'browser'),
  ...(firefox === undefined ? [] : [tests('Op tests in Firefox', 'firefox')]),
  tests('Build, and end-to-end tests of it', 'e2e'),
];
const total = sum(outcomes);
console.log(`\n== Summary\n${[...outcomes, total].map(row).join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * A check without tests of its own counts as one.
 *
 * @param {string} title
 * @param {string} script path of its program in node_modules
 * @param {string[]} parameters
 * @returns {Outcome}
 */
function command(title, script, parameters) {
  const { ok, seconds } = run(title, script, parameters);
  return { title, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, seconds };
}

/**
 * Runs one project of vitest.config.ts and counts its tests.
 *
 * @param {string} title
 * @param {string} project
 * @returns {Outcome}
 */
function tests(title, project) {
  const file = `${reports}/${project}.json`;
  const { ok, seconds } = run(title, 'vitest/vitest.mjs', [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const { passed, failed, skipped } = readCounts(file);
  // A file that does not load, a build that fails or an error outside any test fails no test, but fails the run.
  return { title, passed, failed: ok ? failed : Math.max(failed, 1), skipped, seconds };
}

/** @param {string} file vitest's JSON report; it is missing where vitest did not get as far as a test */
function readCounts(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

/**
 * @param {string} title
 * @param {string} script
 * @param {string[]} parameters
 */
function run(title, script, parameters) {
  console.log(`\n== ${title}`);
  const start = performance.now();
  const { status, error } = spawnSync(process.execPath, [`${root}node_modules/${script}`, ...parameters], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CHROME_PATH: chromium },
  });
  if (error) console.error(error.message);
  return { ok: status === 0, seconds: (performance.now() - start) / 1000 };
}

/** @param {Outcome[]} all */
function sum(all) {
  /** @param {'passed' | 'failed' | 'skipped' | 'seconds'} key */
  const of = key => all.reduce((total, outcome) => total + outcome[key], 0);
  return {
    title: 'All',
    passed: of('passed'),
    failed: of('failed'),
    skipped: of('skipped'),
    seconds: of('seconds'),
  };
}

/** @param {Outcome} outcome */
function row({ title, passed, failed, skipped, seconds }) {
  const skips = skipped === 0 ? '' : `, ${skipped} skipped`;
  return `${title.padEnd(36)}${seconds.toFixed(1).padStart(7)} s   ${passed} passed, ${failed} failed${skips}`;
}
