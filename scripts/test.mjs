// npm test: every check, on a machine that may have nothing but Node. All run, whatever fails, so that one run tells
// everything; the last lines sum them up: what failed, by name and reason, and "N passed, N failed".
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { findFirefox } from './find-browser.mjs';
import { ensureChromium } from './install-browser.mjs';
import { root, setUp } from './setup.mjs';

/**
 * @typedef {{ title: string, passed: number, failed: number, skipped: number, seconds: number, failures: string[] }} Outcome
 * @typedef {{ isBeside?: boolean }} RunOptions `isBeside`: it takes what another leaves of the processor, and what it prints is
 *   printed when it is done
 */

const reports = `${root}test-results`;
/** Of what a failed test says: its message and the nearest places. */
const reasonLines = 12;

setUp();
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports);
const chromium = ensureChromium();
const firefox = findFirefox();
console.log(
  `Chromium: ${chromium}\nFirefox: ${firefox ?? 'not found, so the op tests run in Chromium only'}`,
);

const outcomes = [
  await command('Types (tsc)', 'typescript/bin/tsc', ['-p', '.']),
  await command('Style (Biome)', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
  // One browser leaves a quarter of two cores idle, as its processes wait for each other; Firefox more.
  ...(await Promise.all([tests('Unit tests in Chromium', 'browser'), testsBeside()])).flat(),
  await tests('Build, and end-to-end tests of it', 'e2e'),
];
const total = { ...sum(outcomes), seconds: performance.now() / 1000 };
console.log(`\n== Summary\n${[...outcomes, total].map(row).join('\n')}\n`);
for (const { failures } of outcomes) for (const failure of failures) console.log(`Failed: ${failure}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** One after the other, beside those in Chromium: Node's last, whose two workers keep both cores busy when Chromium is done. */
async function testsBeside() {
  const isBeside = true;
  const inFirefox =
    firefox === undefined ? [] : [await tests('Op tests in Firefox', 'firefox', { isBeside })];
  return [...inFirefox, await tests('Unit tests in Node', 'node', { isBeside })];
}

/**
 * A check without tests of its own counts as one.
 *
 * @param {string} title
 * @param {string} script path of its program in node_modules
 * @param {string[]} parameters
 * @returns {Promise<Outcome>}
 */
async function command(title, script, parameters) {
  const { ok, seconds } = await run(title, script, parameters);
  return { title, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, seconds, failures: ok ? [] : [title] };
}

/**
 * Runs one project of vitest.config.ts and counts its tests.
 *
 * @param {string} title
 * @param {string} project
 * @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
async function tests(title, project, options) {
  const file = `${reports}/${project}.json`;
  const { ok, seconds } = await run(
    title,
    'vitest/vitest.mjs',
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    options,
  );
  const { passed, failed, skipped, failures } = readReport(file);
  // A file that does not load, a build that fails or an error outside any test fails no test, but fails the run.
  if (!ok && failed === 0) failures.push(`${title}, outside any test`);
  return { title, passed, failed: ok ? failed : Math.max(failed, 1), skipped, seconds, failures };
}

/**
 * @param {string} file vitest's JSON report; it is missing where vitest did not get as far as a test
 * @returns {Omit<Outcome, 'title' | 'seconds'>}
 */
function readReport(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
      failures: report.testResults.flatMap(failuresIn),
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0, failures: [] };
  }
}

/** @param {{ name: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }} file */
function failuresIn({ name, assertionResults }) {
  return assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => {
      const reasons = failureMessages.join('\n').split('\n').slice(0, reasonLines).join('\n');
      return `${relative(root, name)}: ${fullName}\n${stripVTControlCharacters(reasons)}`;
    });
}

/**
 * @param {string} title
 * @param {string} script
 * @param {string[]} parameters
 * @param {RunOptions} [options]
 */
async function run(title, script, parameters, { isBeside = false } = {}) {
  const head = `\n== ${title}`;
  if (!isBeside) console.log(head);
  const start = performance.now();
  const child = spawn(process.execPath, [`${root}node_modules/${script}`, ...parameters], {
    cwd: root,
    stdio: ['ignore', isBeside ? 'pipe' : 'inherit', isBeside ? 'pipe' : 'inherit'],
    env: { ...process.env, CHROME_PATH: chromium },
  });
  if (isBeside && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const said = Promise.all([child.stdout, child.stderr].map(stream => (stream ? text(stream) : '')));
  const code = await new Promise(resolve => {
    child.once('error', error => {
      console.error(error.message);
      resolve(1);
    });
    child.once('close', resolve);
  });
  const seconds = (performance.now() - start) / 1000;
  if (isBeside) console.log([head, ...(await said)].join('\n'));
  return { ok: code === 0, seconds };
}

/** @param {Omit<Outcome, 'failures'>[]} all */
function sum(all) {
  /** @param {'passed' | 'failed' | 'skipped'} key */
  const of = key => all.reduce((total, outcome) => total + outcome[key], 0);
  return {
    title: 'All',
    passed: of('passed'),
    failed: of('failed'),
    skipped: of('skipped'),
  };
}

/** @param {Omit<Outcome, 'failures'>} outcome */
function row({ title, passed, failed, skipped, seconds }) {
  const skips = skipped === 0 ? '' : `, ${skipped} skipped`;
  return `${title.padEnd(36)}${seconds.toFixed(1).padStart(7)} s   ${passed} passed, ${failed} failed${skips}`;
}
