// How long the machine takes to be drawn anew when another mesh is pressed: by the clock, from the press to the frame with the new
// cut, and of the processor, in the page's main thread and in its workers.
import { loadavg } from 'node:os';
import { servePage } from './serve-page.mjs';

const usualPresets = ['tiny', 'demo'];
const meshes = ['1x2', '2x2', '2x4'];
/** Of one device, as the chips call it. */
const whole = '1';
const wantedMs = 300;

/**
 * Where it is pressed. `paused`: a run stands still, so that the cut is all that is made, and what follows it (does it pay, other ways)
 * is worked out before the next press. Otherwise the page prepares the ranks of every mesh as well, and the next is pressed as
 * soon as the cut is drawn.
 */
const places = [
  { hash: '#/', element: 'isobar-machine', paused: true },
  { hash: '#/board', element: 'isobar-board', paused: true },
  { hash: '#/board', element: 'isobar-board', paused: false },
];

/** In the trace: the begin and the end of a cut, with its number. */
const markOf = (/** @type {string} */ end, /** @type {number} */ number) => `cut ${number} ${end}`;

/** @typedef {{ preset: string, hash: string, paused: boolean, mesh: string, again: boolean, load: number, clockMs: number, pageMs: number, workersMs: number }} Cut */

/**
 * @param {import('playwright-core').Browser} browser
 * @param {readonly string[]} [presets]
 * @returns {Promise<readonly Cut[]>}
 */
export async function measureBoard(browser, presets = usualPresets) {
  const server = await servePage('index.html');
  /** @type {Cut[]} */
  const all = [];
  try {
    for (const preset of presets) {
      for (const place of places) all.push(...(await measurePlace(browser, server.url, preset, place)));
    }
  } finally {
    await server.close();
  }
  print(all);
  return all;
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {string} preset
 * @param {typeof places[number]} place
 * @returns {Promise<Cut[]>}
 */
async function measurePlace(browser, url, preset, { hash, element, paused }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(`${url}?preset=${preset}${hash}`);
    // Data are spun up first.
    page.setDefaultTimeout(120_000);
    await page.locator('[data-testid=status][data-status=ready]').waitFor();
    const rest = () => page.waitForFunction(isAtRest, element);
    if (paused) {
      await page.getByTestId('one-step').click();
      await page.locator('[data-testid=status][data-status=paused]').waitFor();
    }
    await rest();
    await browser.startTracing(page, {
      categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'],
    });
    /** @type {Omit<Cut, 'pageMs' | 'workersMs'>[]} */
    const cuts = [];
    for (const again of [false, true]) {
      for (const mesh of meshes) {
        const marks = ['begins', 'ends'].map(end => markOf(end, cuts.length));
        const clockMs = await page.evaluate(press, { element, mesh, marks });
        cuts.push({ preset, hash, paused, mesh, again, load: loadavg()[0], clockMs });
        if (paused) await rest();
      }
      // So that no mesh is pressed that is shown.
      await page.evaluate(press, { element, mesh: whole, marks: [] });
      if (paused) await rest();
    }
    console.log(
      `${preset}, ${hash}: ${cuts.map(({ mesh, clockMs }) => `${mesh} ${clockMs.toFixed(0)} ms`).join(', ')}`,
    );
    const trace = String(await browser.stopTracing());
    return cuts.map((cut, number) => ({ ...cut, ...processorOf(trace, number) }));
  } finally {
    await context.close();
  }
}

/** @typedef {import('../src/ui/board/watch-cuts.ts').BoardView} BoardView */

/** Runs in the page. @param {string} element the machine or its board: all that follows a choice is worked out */
function isAtRest(element) {
  /** @type {BoardView | undefined} */
  const view = Reflect.get(document.querySelector(element) ?? {}, 'view');
  return (
    view?.prediction !== undefined &&
    (element !== 'isobar-board' || view.ways.length > 0) &&
    view.ways.every(({ answer, prediction }) => prediction || (answer && 'impossible' in answer))
  );
}

/**
 * Runs in the page.
 *
 * @param {{ element: string, mesh: string, marks: readonly string[] }} order `mesh` as its chip has it
 * @returns {Promise<number>} ms from the press to the frame after the cut is drawn
 */
async function press({ element, mesh, marks: [begins, ends] }) {
  const shown = document.querySelector(element);
  const chip = [...(shown?.querySelectorAll('button.chip') ?? [])].find(
    each => each.textContent?.trim() === mesh,
  );
  if (!shown || !(chip instanceof HTMLButtonElement)) throw new Error(`No chip ${mesh} in ${element}.`);
  /** @type {() => BoardView} */
  const view = () => Reflect.get(shown, 'view');
  const isDrawn = () => {
    const { answer, mesh: wanted } = view();
    // An answer of another mesh is that of the one before.
    return (
      answer &&
      'cuts' in answer &&
      answer.cuts.mesh.rows === wanted.rows &&
      answer.cuts.mesh.columns === wanted.columns
    );
  };
  const drawn = new Promise(resolve => {
    const observer = new MutationObserver(() => {
      if (chip.getAttribute('aria-pressed') !== 'true' || !isDrawn()) return;
      observer.disconnect();
      resolve(undefined);
    });
    observer.observe(shown, { attributes: true, childList: true, subtree: true, characterData: true });
  });
  if (begins) console.timeStamp(begins);
  const begun = performance.now();
  chip.click();
  await drawn;
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  const ms = performance.now() - begun;
  if (ends) console.timeStamp(ends);
  return ms;
}

/**
 * What tasks between the marks of a cut took of the processor.
 *
 * @param {string} text of a trace
 * @param {number} number of the cut
 */
function processorOf(text, number) {
  /** @typedef {{ name: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args?: { name?: string, data?: { message?: string } } }} TraceEvent */
  const { traceEvents } = /** @type {{ traceEvents: TraceEvent[] }} */ (JSON.parse(text));
  const [begins, ends] = ['begins', 'ends'].map(end => {
    const mark = traceEvents.find(({ args }) => args?.data?.message === markOf(end, number));
    if (!mark) throw new Error(`The trace does not have the mark that cut ${number} ${end}.`);
    return mark;
  });
  const workers = new Set(
    traceEvents
      .filter(
        ({ name, pid, args }) =>
          name === 'thread_name' && pid === begins.pid && args?.name?.includes('DedicatedWorker'),
      )
      .map(({ tid }) => tid),
  );
  const sum = (/** @type {(tid: number) => boolean} */ isOf) =>
    traceEvents
      .filter(
        ({ name, pid, tid, ts, dur = 0 }) =>
          name === 'RunTask' && pid === begins.pid && isOf(tid) && ts < ends.ts && ts + dur > begins.ts,
      )
      .reduce((ms, { tdur = 0 }) => ms + tdur / 1000, 0);
  return { pageMs: sum(tid => tid === begins.tid), workersMs: sum(tid => workers.has(tid)) };
}

/** @param {readonly Cut[]} cuts */
function print(cuts) {
  const ms = (/** @type {number} */ value) => value.toFixed(0).padStart(6);
  console.log(
    'model  view     mesh  time           by the clock, of it the page and workers (processor), ms; load',
  );
  for (const { preset, hash, paused, mesh, again, load, clockMs, pageMs, workersMs } of cuts) {
    const when = `${again ? 'again' : 'first'}${paused ? '' : ', hurried'}`;
    console.log(
      `${preset.padEnd(6)} ${hash.padEnd(8)} ${mesh}  ${when.padEnd(15)}${ms(clockMs)}${ms(pageMs)}${ms(workersMs)}  ${load.toFixed(1)}${clockMs > wantedMs ? `  more than ${wantedMs}` : ''}`,
    );
  }
}
