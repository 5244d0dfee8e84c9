/** A study that the page trains: real runs on one rank and on two, what the browser keeps of them, and what is shown. */
import { afterAll, afterEach, expect, test } from 'vitest';
import { readStudy, runsOf } from '../../../src/study/study-file.ts';
import { createStudyDesk, type DeskOptions } from '../../../src/ui/study/study-desk.ts';
import type { StudyAct } from '../../../src/ui/study/study-runner.ts';
import { aloneHere, studyStore } from '../../../src/ui/study/study-storage.ts';
import { StudyView } from '../../../src/ui/study/study-view.ts';
import { trainRun } from '../../../src/ui/study/train-run.ts';
import { words } from '../../../src/ui/study/words.ts';
import { row } from '../../node/study/rows.ts';

const text = JSON.stringify({
  name: 'two runs',
  models: [{ preset: 'tiny', samples: 24, days: 20, learningRate: { value: 0.002, batch: 16 } }],
  series: [{ scaling: 'strong', replicas: [1, 2], globalBatch: 8 }],
  repeats: 1,
});
const key = JSON.stringify(readStudy(text));

let view: StudyView;
afterEach(() => view?.remove());
afterAll(() => studyStore.remove(key));

/** The view of a page, with the desk behind it. */
function page(given: Partial<DeskOptions> = {}) {
  view = new StudyView();
  const made = view;
  const desk = createStudyDesk({
    store: studyStore,
    train: trainRun,
    isBusy: () => false,
    alone: aloneHere,
    changed(now) {
      made.desk = now;
    },
    ...given,
  });
  document.body.append(view);
  return desk;
}
const lockIsHeld = async () =>
  (await navigator.locks.query()).held!.some(({ name }) => name === 'isobar-study');
const find = (name: string) => view.querySelector<HTMLElement>(`[data-testid="${name}"]`);

/** A page of its own, that has read what is kept. Away with it is what a closed tab, a reload or a crash leave. */
async function openFrame() {
  const frame = document.createElement('iframe');
  const opened = new Promise(resolve => window.addEventListener('study-page', resolve, { once: true }));
  document.body.append(frame);
  const script = frame.contentDocument!.createElement('script');
  script.type = 'module';
  script.src = new URL('./study-page.ts', import.meta.url).href;
  frame.contentDocument!.head.append(script);
  await opened;
  return { frame, desk: frame.contentWindow!.studyDesk };
}

test('a page is killed while it trains: the next goes on with the run that was under way, once, and a page beside it waits', async () => {
  const { frame, desk: first } = await openFrame();
  await first.take('study.json', text);
  void first.start(key);
  await expect.poll(() => first.view().trained?.progress.index, { timeout: 60_000 }).toBe(1);
  frame.remove();

  const second = page();
  await second.open();
  await view.updateComplete;
  expect(second.view().studies.map(({ rows }) => rows.map(({ id }) => id))).toEqual([['tiny-r1-b8-n1']]);
  expect(find('study-done')!.textContent).toBe('1 of 2 runs are done.');
  expect(find('study-start')!.textContent).toBe('Go on');
  const acts: StudyAct[] = [];
  view.addEventListener('isobar-study-act', event => {
    if (event instanceof CustomEvent) acts.push(event.detail);
  });
  find('study-start')!.click();
  expect(acts).toMatchObject([{ kind: 'start', study: { key } }]);
  // Of a killed page the lock is let go of when its end has come to the browser.
  await expect.poll(lockIsHeld).toBe(false);
  const { frame: other, desk: beside } = await openFrame();
  const ended = second.start(key);
  await expect.poll(() => second.view().trained?.progress.index, { timeout: 60_000 }).toBe(1);
  // The run has just begun.
  await beside.start(key);
  expect(beside.view().notice).toBe(words.elsewhere);
  await view.updateComplete;
  expect(find('study-under-way')!.textContent).toMatch(/^Under way: tiny-r2-b4-n1, step [0-3] of 3/);
  await ended;
  await view.updateComplete;
  expect(second.view().notice).toBeUndefined();
  expect([...second.view().faults]).toEqual([]);
  // What the other page has done, the page beside it does not do again.
  await beside.start(key);
  expect(beside.view().notice).toBeUndefined();
  expect(beside.view().studies[0].rows).toHaveLength(2);
  other.remove();
  const [{ rows }] = await studyStore.read();
  expect(rows.map(({ id }) => id)).toEqual(runsOf(readStudy(text)).map(({ id }) => id));
  for (const done of rows) {
    expect(done).toMatchObject({ model: 'tiny', steps: 3, globalBatch: 8, scoreBetter: 'lower' });
    expect(done.energyLow).toBeLessThan(done.energyHigh!);
    // A sampled step tells what the update takes of the time in which ranks compute.
    expect(done.updateSeconds).toBeGreaterThan(0);
    expect(done.updateSeconds).toBeLessThan(done.computeSeconds);
    // The test part is scored after the last step.
    expect(done.scoringEnergyCentral).toBeGreaterThan(0);
  }
  // Copies see the same samples: they learn the same, to rounding.
  expect(Math.abs(rows[0].loss / rows[1].loss - 1)).toBeLessThan(1e-3);
  expect(find('study-done')!.textContent).toBe('All 2 runs are done.');
  expect(find('study-start')).toBeNull();
  expect(view.querySelector('[data-plot="strong-efficiency"] svg')).not.toBeNull();
}, 180_000);

test('an impossible run fails with its reason and the next one is trained', async () => {
  const study = runsOf(readStudy(text));
  const signal = new AbortController().signal;
  const { fault, result } = await trainRun({ ...study[0], days: -1 }, signal, () => {});
  expect(result).toBeUndefined();
  expect(fault).toMatch(/days/);
  // A run that is stopped before it begins is neither done nor failed.
  expect(await trainRun(study[0], AbortSignal.abort(), () => {})).toEqual({
    fault: undefined,
    result: undefined,
  });
});

test('what is no study and no row in the store is passed over', async () => {
  const damaged = 'damaged';
  await studyStore.keep(damaged, {} as never);
  await studyStore.keep(key, readStudy(text));
  const before = (await studyStore.read()).find(study => study.key === key)!.rows.length;
  await studyStore.add(key, { ...row({}), id: 'zzz', seconds: 'many' } as never);
  try {
    const found = await studyStore.read();
    expect(found.map(study => study.key)).toEqual([key]);
    expect(found[0].rows).toHaveLength(before);
  } finally {
    await studyStore.remove(damaged);
  }
});
