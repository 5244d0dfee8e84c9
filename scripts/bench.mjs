// npm run bench: the kernels and the training step beside other libraries, in a headless Chromium (bench/index.html).
// npm run bench -- conv [layers]: convolutions of ResNet-50 and their gradients beside other libraries; with a word, layers whose
//   names have it, such as 3x3.
// npm run bench -- resnet: a training step of ResNet-18 on images of 32 x 32 beside other libraries, and its kernels.
// npm run bench -- resnet 50: twenty steps of ResNet-50 with two images of 64 x 64, whose loss must fall.
// npm run bench -- net [ms]: throughput and round trip between two pages, beside a bare data channel; with a number,
//   over a line that takes so many ms each way.
// npm run bench -- overlap [meshes [links]]: how much of a step's exchanges is hidden, on ranks in workers over emulated links.
// npm run bench -- replicas [batches [links]]: the same of the sums of ResNet-18's gradients over two replicas.
// npm run bench -- class [pupils]: longest task and bytes of a teacher's page with thirty pupils on one relay.
// npm run bench -- gpu [--pack DIR [--with-node]]: kernels and training steps on this machine's GPU through Dawn for Node, beside
//   PyTorch; --pack writes it as a folder that runs on another machine.
// npm run bench -- simulate [meshes [links]]: steps as the simulator predicts them from rates of one rank, beside measured ones;
// npm run bench -- simulate resnet8 [links]: the same of copies of ResNet-8. Both with --docs: into docs/performance.md.
// npm run bench -- data [netcdf|zarr|slow [share]]: data of 6 and 8 GB (or a share of that), and a slow store, as a rank reads them
//   while a device takes steps of 10 ms: the memory that it takes, and the share of the time that steps wait.
// npm run bench -- copies [--docs]: on the simulator, what our schedule reaches on 256 GPUs, and what a change of it would bring;
//   --docs writes its tables into docs/simulator.md.
// npm run bench -- meter: what the meter of energy itself takes of a run's time.
// npm run bench -- board [presets]: how long the board takes to be drawn anew when another mesh is pressed.
// npm run bench -- page: the longest main-thread task of the page while it trains.
// npm run bench -- start: requests, bytes and time until the first step, from `npm start` and from `npm run dev`.
// On the CPU adapter, so that figures compare between machines; ISOBAR_GPU=1 takes the machine's GPU.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { delayDatagrams, delayFlags } from '../bench/net-delay.mjs';
import { chromiumFlags } from './chromium.mjs';
import { ensureChromium } from './install-browser.mjs';
import { root, setUp } from './setup.mjs';
import { writeInDocs } from './write-in-docs.mjs';

/** How long the page is watched while it trains. */
const watchSeconds = 30;

setUp();
if (process.argv[2] === 'gpu') {
  const { benchGpu } = await import('./pack-gpu.mjs');
  process.exit(await benchGpu(process.argv.slice(3)));
}
if (process.argv[2] === 'copies') {
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('../bench/copies.ts');
  await main(process.argv.includes('--docs'));
  process.exit(0);
}
if (process.argv[2] === 'meter') {
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('../bench/meter.ts');
  main();
  process.exit(0);
}
if (process.argv[2] === 'data') {
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('../bench/data.ts');
  await main(process.argv[3], Number(process.argv[4] ?? 1));
  process.exit(0);
}
const { chromium } = await import('playwright-core');
const { servePage } = await import('./serve-page.mjs');
const { measureStart } = await import('./bench-start.mjs');
const { measureBoard } = await import('./bench-board.mjs');
const { measureClass } = await import('./bench-class.mjs');

/** What is made for the docs is written there. */
const writesDocs = process.argv.includes('--docs');
const [what = 'kernels', option, secondOption] = process.argv.slice(2).filter(word => word !== '--docs');
const benches = {
  kernels: () => onPage('bench/index.html', {}),
  conv: () => onPage('bench/conv.html', { layers: option }),
  resnet: () => onPage('bench/resnet.html', { depth: option }),
  net,
  overlap: () => onRanks('bench/overlap.html'),
  replicas: () => onPage('bench/replicas.html', { batches: option, links: secondOption }),
  simulate: () =>
    option === 'resnet8'
      ? onPage('bench/simulate.html', { model: option, links: secondOption })
      : onRanks('bench/simulate.html'),
  page: trainingPage,
  class: () => onItsOwn(browser => measureClass(browser, Number(option ?? 30))),
  board: () => onItsOwn(browser => measureBoard(browser, option?.split(','))),
  start: () => onItsOwn(measureStart),
};
if (!Object.hasOwn(benches, what)) {
  console.error(
    `There is no bench "${what}"; there are ${[...Object.keys(benches), 'copies', 'data', 'gpu', 'meter'].join(', ')}.`,
  );
  process.exit(2);
}
const { file, run } = benches[/** @type {keyof typeof benches} */ (what)]();
const server = file === undefined ? undefined : await servePage(file);
const browser = await chromium.launch({
  executablePath: ensureChromium(),
  args: what === 'net' && option !== undefined ? [...chromiumFlags, ...delayFlags] : chromiumFlags,
});
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.on('console', message => console.log(message.text()));
  const failed = new Promise((_, reject) => {
    page.on('pageerror', reject);
    page.on('crash', () => reject(new Error('The page crashed.')));
  });
  const result = await Promise.race([failed, run(page, server?.url ?? '')]);
  await keep(what, result, browser.version());
  if (writesDocs) await document(result, browser.version());
} finally {
  await browser.close();
  await server?.close();
}

/**
 * A bench page prints its table to the console and leaves its figures on `window.__benchResult`.
 *
 * @param {string} file
 * @param {Record<string, string | undefined>} asked options in the page's address
 */
function onPage(file, asked) {
  const parameters = Object.entries(asked).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(/** @type {[string, string][]} */ (parameters));
  return {
    file,
    /** @param {import('playwright-core').Page} page @param {string} url */
    run: async (page, url) => {
      await page.goto(`${url}?${search}`);
      return benchResult(page);
    },
  };
}

/**
 * Ranks in workers of one page; with options, only these meshes, `1x2,2x2`, and these links, `5-20,even`.
 * @param {string} file
 */
function onRanks(file) {
  return onPage(file, { meshes: option, links: secondOption });
}

/** Two pages of one browser: the far one answers what the near one measures. */
function net() {
  return {
    file: 'bench/net.html',
    /** @param {import('playwright-core').Page} page @param {string} url */
    run: async (page, url) => {
      const far = await page.context().newPage();
      if (option === undefined) {
        await far.goto(`${url}#far`);
        await page.goto(url);
        return benchResult(page);
      }
      const delay = await delayDatagrams(page.context(), Number(option));
      try {
        await far.goto(`${url}?long#far`);
        await page.goto(`${url}?long`);
        return { delayMs: Number(option), result: await benchResult(page) };
      } finally {
        delay.close();
      }
    },
  };
}

/** @param {import('playwright-core').Page} page */
async function benchResult(page) {
  const result = await page.waitForFunction(() => Reflect.get(window, '__benchResult'), null, { timeout: 0 });
  return result.jsonValue();
}

function trainingPage() {
  return {
    file: 'index.html',
    /** @param {import('playwright-core').Page} page @param {string} url */
    run: async (page, url) => {
      await page.goto(url);
      await page.getByTestId('train').click();
      // Preparing (data, atmosphere, shaders) is watched as well, but counted apart.
      await page.evaluate(observeLongTasks);
      await page.locator('[data-testid=step]:not([data-step="0"])').waitFor({ timeout: 0 });
      const preparing = await page.evaluate(takeLongTasks);
      await page.waitForTimeout(1000 * watchSeconds);
      const training = await page.evaluate(takeLongTasks);
      const steps = Number(await page.getByTestId('step').getAttribute('data-step'));
      const longest = (/** @type {number[]} */ tasks) => Math.max(0, ...tasks);
      console.log(
        `Longest main-thread task: ${longest(training)} ms in ${watchSeconds} s of training (${steps} steps); ` +
          `${longest(preparing)} ms while preparing. A task is long from 50 ms; 0 means there was none.`,
      );
      return { watchSeconds, steps, preparingTasksMs: preparing, trainingTasksMs: training };
    },
  };
}

/**
 * It starts servers of its own.
 *
 * @param {(browser: import('playwright-core').Browser) => Promise<unknown>} measure
 */
function onItsOwn(measure) {
  return {
    file: undefined,
    /** @param {import('playwright-core').Page} page */
    run: page => measure(/** @type {import('playwright-core').Browser} */ (page.context().browser())),
  };
}

/** Runs in the page: collects the durations of tasks of 50 ms or more, those since the page opened included. */
function observeLongTasks() {
  /** @type {number[]} */
  const durations = [];
  const observer = new PerformanceObserver(list => durations.push(...list.getEntries().map(e => e.duration)));
  observer.observe({ type: 'longtask', buffered: true });
  Reflect.set(window, 'takeLongTasks', () => durations.splice(0));
}

/** Runs in the page. @returns {number[]} milliseconds of the long tasks since it was last asked */
function takeLongTasks() {
  return Reflect.get(window, 'takeLongTasks')();
}

/**
 * The figures of a bench in docs/performance.md, with the machine and the day.
 *
 * @param {unknown} result of which `docs` is written
 * @param {string} chromiumVersion
 */
async function document(result, chromiumVersion) {
  const text = typeof result === 'object' && result !== null ? Reflect.get(result, 'docs') : undefined;
  if (typeof text !== 'string') throw new Error(`The bench "${what}" makes nothing for the docs.`);
  const command = ['npm run bench --', what, ...(option === undefined ? [] : [option]), '--docs'].join(' ');
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Chromium ${chromiumVersion}, load ${loadavg()[0].toFixed(1)}`;
  const day = new Date().toISOString().slice(0, 10);
  await writeInDocs('docs/performance.md', command, `${day}, ${machine}. ${text}`);
}

/**
 * @param {string} name
 * @param {unknown} result
 * @param {string} chromiumVersion
 */
async function keep(name, result, chromiumVersion) {
  const date = new Date().toISOString();
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    loadOfLastMinutes: loadavg(),
    chromium: chromiumVersion,
    flags: chromiumFlags,
  };
  const path = `${root}bench-results/${date.replaceAll(':', '-').slice(0, 19)}-${name}.json`;
  await mkdir(`${root}bench-results`, { recursive: true });
  await writeFile(path, `${JSON.stringify({ bench: name, date, machine, result }, null, 2)}\n`);
  console.log(`\nWritten: ${path}`);
}
