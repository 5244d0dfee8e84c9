/** Which of the runs that a browser keeps a page offers, resumes and replaces, beside other pages. */
import { afterEach, expect, test } from 'vitest';
import { SavedRuns } from '../../../src/session/saved-runs.ts';
import type { CheckpointInfo } from '../../../src/train/trainer-state.ts';
import { forgetRuns, smallRun } from './helpers.ts';

interface Page {
  readonly runs: SavedRuns;
  /** Keeps a run of that many steps. */
  save(step: number): Promise<unknown>;
  /** The step of the run that it offers. */
  offers(): Promise<number | undefined>;
  close(): void;
}

const ends: (() => void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await forgetRuns();
});

async function openPage(): Promise<Page> {
  const worker = new Worker(new URL('./open-page.ts', import.meta.url), { type: 'module' });
  const close = () => worker.terminate();
  ends.push(close);
  const id = await new Promise<string>(resolve => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  const runs = new SavedRuns(id);
  return {
    runs,
    save: step => runs.save(infoOf(step), smallRun as never, Uint8Array.of(step)),
    offers: async () => (await runs.newest())?.step,
    close,
  };
}

/** Later steps are saved later. */
const infoOf = (step: number) =>
  ({ preset: 'tiny', seed: 3, step, steps: 100, source: 'a test', savedAt: step }) as CheckpointInfo;

test('two pages keep a run each, and offer nobody that of the other', async () => {
  const [ada, bob, eve] = [await openPage(), await openPage(), await openPage()];
  await ada.save(1);
  await bob.save(2);
  await ada.save(3);
  expect(await Promise.all([ada, bob, eve].map(page => page.offers()))).toEqual([3, 2, undefined]);
  expect([...(await bob.runs.take()).bytes]).toEqual([2]);
  await bob.runs.forget();
  expect(await Promise.all([ada, bob].map(page => page.offers()))).toEqual([3, undefined]);
});

test('the newest of what closed pages have left is offered to all, and resumed by one', async () => {
  const [ada, bob, eve, kim] = await Promise.all([openPage(), openPage(), openPage(), openPage()]);
  await eve.save(1);
  await ada.save(2);
  await bob.save(3);
  ada.close();
  bob.close();
  expect(await kim.offers()).toBe(3);
  expect((await kim.runs.take()).saved.step).toBe(3);
  expect(await kim.offers()).toBe(3);
  expect(await eve.offers()).toBe(1);
  // Without a run of its own a page is offered the next one.
  const late = await openPage();
  expect(await late.offers()).toBe(2);
  await late.runs.take();
  await expect((await openPage()).runs.take()).rejects.toThrow(
    'Another page of this browser has resumed the saved run.',
  );
});

test('of two pages that resume at once what a closed one has left, one has it', async () => {
  const [ada, bob, eve] = await Promise.all([openPage(), openPage(), openPage()]);
  await ada.save(4);
  ada.close();
  const taken = await Promise.allSettled([bob.runs.take(), eve.runs.take()]);
  expect(taken.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(taken.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { message: 'Another page of this browser has resumed the saved run.' },
  });
  expect((await Promise.all([bob, eve].map(page => page.offers()))).sort()).toEqual([4, undefined]);
});

test('a new run replaces what closed pages have left, and nothing of pages that are open', async () => {
  const [ada, bob, eve] = await Promise.all([openPage(), openPage(), openPage()]);
  await ada.save(5);
  await bob.save(6);
  bob.close();
  const ended = await openPage();
  expect(await ended.offers()).toBe(6);
  await eve.save(1);
  expect(await ended.offers()).toBe(undefined);
  expect(await ada.offers()).toBe(5);
});

test('where there is no room to make it its own, a page resumes it all the same', async () => {
  const [ada, bob] = await Promise.all([openPage(), openPage()]);
  await ada.save(4);
  ada.close();
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('no room', 'QuotaExceededError');
  };
  try {
    expect((await bob.runs.take()).saved.step).toBe(4);
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  expect(await bob.offers()).toBe(4);
});

test('without any, there is none to resume', async () => {
  const page = await openPage();
  expect(await page.offers()).toBe(undefined);
  await expect(page.runs.take()).rejects.toThrow('There is no saved run in this browser.');
});
