/**
 * Which forms of products a run is computed in: measured once for an adapter, kept, and the same for as long as the run
 * goes on, whatever the browser knows meanwhile. Which form is faster is not asserted.
 */
import { deleteDB } from 'idb';
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { adapterIdentity, type MeasuredForms } from '../../../src/engine/form-choice.ts';
import type { Product, ProductForm } from '../../../src/graph/op.ts';
import { readSafetensors, writeSafetensors } from '../../../src/io/safetensors.ts';
import type { FormStore, Tuning } from '../../../src/parallel/tuning.ts';
import { shapeClass } from '../../../src/plan/lower.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { formStore } from '../../../src/session/form-storage.ts';
import type { RankSession } from '../../../src/session/rank-session.ts';
import { readCheckpointInfo } from '../../../src/train/checkpoint.ts';
import type { FormsByAdapter } from '../../../src/train/measured-forms.ts';
import { testGpu } from '../gpu.ts';
import { forgetRuns, lossesOf, smallRun, type TestSession, testSession } from './helpers.ts';
import { closeAll, connect, onMesh, ranks } from './mesh-helpers.ts';
import { memoryStore, splitsOf, splitTuning } from './split-products.ts';

const DATABASE = 'isobar-forms';
const MEASURING = 'Measuring which kernels are fastest here';
const alone: RunConfig = { ...smallRun, steps: 4 };
const pair: RunConfig = { ...onMesh(1, 2), steps: 4 };

let adapter: string;
beforeAll(async () => {
  adapter = adapterIdentity((await testGpu()).gpu);
});
afterEach(async () => {
  await forgetRuns();
  await deleteDB(DATABASE);
});

const databases = async () => (await indexedDB.databases()).map(({ name }) => name);
const hasMeasured = ({ events }: TestSession) =>
  events.some(event => event.type === 'progress' && event.stage === MEASURING);
const warningsOf = ({ events }: TestSession) =>
  events.flatMap(event => (event.type === 'warning' ? [event.message] : []));

/** A session that is prepared, with as many ranks as the config wants. */
interface Prepared extends TestSession {
  readonly others: readonly RankSession[];
}

/** @param theirs of the other ranks */
async function prepared(
  config: RunConfig,
  tuning?: Tuning,
  { theirs = tuning, checkpoint }: { theirs?: Tuning; checkpoint?: Uint8Array } = {},
): Promise<Prepared> {
  const own = await testSession(tuning);
  const others = ranks(config.mesh ? config.mesh.columns - 1 : 0, theirs);
  if (others.length > 0) await connect(own.session, others);
  await own.session.prepare(config, checkpoint);
  return { ...own, others };
}

/** What a run has computed: all its losses, and a digest of the parameters and moments that it ends with. */
interface Computed {
  readonly losses: Map<number, number>;
  readonly end: string;
}

/** Trains to the end. @returns what came of it, and a checkpoint that was taken on the way */
async function trained(own: Prepared): Promise<{ computed: Computed; checkpoint: Uint8Array }> {
  const training = own.session.train();
  const { bytes: checkpoint } = await own.session.exportCheckpoint();
  await training;
  const { bytes } = await own.session.exportCheckpoint();
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice(8 + header)));
  return { computed: { losses: lossesOf(own), end: String(digest) }, checkpoint };
}

/** What is computed from a step on. */
const after = (step: number, { losses, end }: Computed): Computed => ({
  losses: new Map([...losses].filter(([of]) => of > step)),
  end,
});

/** The usual form and the cut one of every product of a run, as tables of the adapter. */
async function tablesOf(config: RunConfig): Promise<{ usual: FormsByAdapter; cut: FormsByAdapter }> {
  const { gpu } = await testGpu();
  const store = memoryStore();
  const cut = new Map<string, ProductForm>();
  const asked = (product: Product): ProductForm[] => {
    const [split] = splitsOf(gpu, product);
    if (split) cut.set(shapeClass(product), split);
    return [];
  };
  const own = await prepared(config, { candidatesFor: () => asked, store });
  await closeAll(own, own.others);
  const forms = store.kept[adapter].map(([name, form]) => [name, cut.get(name) ?? form] as const);
  return { usual: store.kept, cut: { [adapter]: forms } };
}

test('a software adapter has its fixed forms: nothing is measured, read, written or locked', async () => {
  const request = vi.spyOn(navigator.locks, 'request');
  onTestFinished(() => request.mockRestore());
  for (const config of [alone, pair]) {
    const own = await prepared(config);
    expect(hasMeasured(own)).toBe(false);
    await own.session.keepForms({ [adapter]: [] });
    expect(await own.session.keptForms()).toEqual({});
    const { checkpoint } = await trained(own);
    expect(readCheckpointInfo(checkpoint).forms).toEqual({});
    await closeAll(own, own.others);
  }
  expect(request.mock.calls.filter(([name]) => name.startsWith('isobar-forms'))).toEqual([]);
  expect(await databases()).not.toContain(DATABASE);
});

test('a browser measures once: a second run has the same forms and the same losses', async () => {
  const first = await prepared(alone, splitTuning(formStore));
  expect(hasMeasured(first)).toBe(true);
  const kept = await first.session.keptForms();
  expect(kept[adapter].length).toBeGreaterThan(3);
  const [plan] = await first.session.plan(0);
  const { computed, checkpoint } = await trained(first);
  expect(readCheckpointInfo(checkpoint).forms).toEqual(kept);
  await closeAll(first, []);
  const second = await prepared(alone, splitTuning(formStore));
  expect(hasMeasured(second)).toBe(false);
  expect((await second.session.plan(0))[0].hash).toBe(plan.hash);
  expect((await trained(second)).computed).toEqual(computed);
  expect(await second.session.keptForms()).toEqual(kept);
  await closeAll(second, []);
});

test.each([
  ['on one rank', alone],
  ['on a mesh', pair],
])('%s, a run keeps its forms, whatever the browser has when it goes on', async (_, config) => {
  const { usual, cut } = await tablesOf(config);
  // The other rank's browser knows better; in a run there is one table for an adapter.
  const own = await prepared(config, splitTuning(memoryStore(cut)), {
    theirs: splitTuning(memoryStore(usual)),
  });
  expect(hasMeasured(own)).toBe(false);
  const hashes = async ({ session, others }: Prepared) =>
    Promise.all([0, ...others.map((_, i) => i + 1)].map(async rank => (await session.plan(rank))[0].hash));
  const plans = await hashes(own);
  const { computed, checkpoint } = await trained(own);
  await closeAll(own, own.others);
  const { step, forms } = readCheckpointInfo(checkpoint);
  expect(new Map(forms?.[adapter])).toEqual(new Map(cut[adapter]));
  expect(step).toBeLessThan(config.steps);

  const empty = memoryStore();
  const ways: [name: string, store: FormStore, before: Uint8Array | undefined][] = [
    ['imported where nothing is known', memoryStore(), undefined],
    ['imported where other forms are known', memoryStore(usual), undefined],
    ['prepared for it where nothing is known', empty, checkpoint],
    ['prepared for it where other forms are known', memoryStore(usual), checkpoint],
  ];
  for (const [name, store, before] of config.mesh ? ways.slice(1, 3) : ways) {
    const again = await prepared(config, splitTuning(store), { checkpoint: before });
    expect(await again.session.importCheckpoint(checkpoint)).toBe(step);
    expect(await hashes(again), name).toEqual(plans);
    expect((await trained(again)).computed, name).toEqual(after(step, computed));
    expect(warningsOf(again)).toEqual([]);
    await closeAll(again, again.others);
  }
  expect(empty.kept, 'what is imported is not measured, and is no news to the browser').toEqual({});
});

test('a saved run is resumed in its forms', async () => {
  const { usual, cut } = await tablesOf(alone);
  const own = await prepared(alone, splitTuning(memoryStore(cut)));
  const [plan] = await own.session.plan(0);
  await own.session.train();
  await closeAll(own, []);
  const again = await testSession(splitTuning(memoryStore(usual)));
  await again.session.resume();
  expect((await again.session.plan(0))[0].hash).toBe(plan.hash);
  await again.session.close();
});

test('plans and traces are those of the forms that each rank has', async () => {
  const { usual, cut } = await tablesOf(pair);
  const fixed: Tuning = { candidatesFor: () => undefined, store: memoryStore() };
  const config: RunConfig = { ...pair, trace: 'step' };
  const own = await prepared(config, splitTuning(memoryStore(cut)), { theirs: fixed });
  const [[first], [second]] = await Promise.all([own.session.plan(0), own.session.plan(1)]);
  const formsIn = ({ steps }: typeof first) =>
    steps.flatMap(step =>
      step.kind === 'dispatch' && step.product ? [[shapeClass(step.product.of), step.product.form]] : [],
    );
  expect(cut[adapter]).toEqual(expect.arrayContaining(formsIn(first)));
  expect(usual[adapter]).toEqual(expect.arrayContaining(formsIn(second)));
  expect(formsIn(second)).not.toEqual(formsIn(first));
  await own.session.train();
  const traces = own.events.flatMap(event => (event.type === 'trace' ? event.traces : []));
  expect(traces.length).toBeGreaterThan(1);
  for (const { rank, plan } of traces) expect(plan).toBe([first, second][rank].hash);
  await closeAll(own, own.others);
});

test('where nothing can be kept, the run has the usual forms, and says so', async () => {
  const full = memoryStore();
  full.write = async () => {
    throw new DOMException('no room', 'QuotaExceededError');
  };
  const fixed = await prepared(alone);
  const { computed } = await trained(fixed);
  await closeAll(fixed, []);
  const own = await prepared(alone, splitTuning(full));
  expect((await trained(own)).computed).toEqual(computed);
  expect(warningsOf(own)).toEqual([
    'The fastest forms of products cannot be kept in this browser (no room): the usual ones are used, and training may ' +
      'be slower.',
  ]);
  await closeAll(own, []);
});

/** The checkpoint, as if it said this of its forms. */
function saying(checkpoint: Uint8Array, forms: unknown): Uint8Array {
  const { tensors, metadata } = readSafetensors(checkpoint);
  const info = JSON.stringify({ ...JSON.parse(metadata.info), forms });
  const floats = [...tensors].map(
    ([name, { shape, values }]) => [name, { shape, values: Float32Array.from(values) }] as const,
  );
  return writeSafetensors(new Map(floats), { ...metadata, info });
}

test('what a file says of forms is used as far as it is ours; an older file goes on in the usual forms', async () => {
  const { usual, cut } = await tablesOf(alone);
  const fixed = await prepared(alone);
  const { computed, checkpoint } = await trained(fixed);
  const { step } = readCheckpointInfo(checkpoint);
  await closeAll(fixed, []);
  const own = await prepared(alone, splitTuning(memoryStore(usual)));

  const spoiled = cut[adapter].map(([name, form], i) => [name, i === 0 ? { ...form, shader: 'adam' } : form]);
  await own.session.importCheckpoint(saying(checkpoint, { [adapter]: spoiled }));
  const { computed: mixed } = await trained(own);
  for (const loss of mixed.losses.values()) expect(loss).toBeGreaterThan(0);
  expect(mixed.end, 'forms tell in what is computed').not.toBe(computed.end);
  expect(warningsOf(own)).toEqual([
    expect.stringContaining('1 of the forms of products that the checkpoint'),
  ]);

  await expect(own.session.importCheckpoint(saying(checkpoint, { [adapter]: 'all' }))).rejects.toThrow(
    'This checkpoint is damaged: what it says of its run cannot be read (forms.',
  );
  own.events.length = 0;
  await own.session.importCheckpoint(saying(checkpoint, undefined));
  expect((await trained(own)).computed).toEqual(after(step, computed));
  expect(hasMeasured(own)).toBe(false);
  await closeAll(own, []);
});

test('what a file gives the browser is kept beside what it knows, and what is none is not', async () => {
  const { usual, cut } = await tablesOf(alone);
  const own = await testSession(splitTuning(formStore));
  for (const hostile of [null, 'all', { [adapter]: [['x', {}]] }, { [adapter]: { length: 3 } }]) {
    await own.session.keepForms(hostile);
  }
  expect(await own.session.keptForms()).toEqual({});
  await own.session.keepForms({ [adapter]: cut[adapter].slice(1), 'another GPU': [] });
  await own.session.keepForms(usual);
  expect(await own.session.keptForms()).toEqual({
    [adapter]: expect.arrayContaining([usual[adapter][0], ...cut[adapter].slice(1)]),
    'another GPU': [],
  });
  await own.session.close();
});

test('of two workers at once, one measures, and both have its table', async () => {
  const workers = [0, 1].map(
    () => new Worker(new URL('./tuning-worker.ts', import.meta.url), { type: 'module' }),
  );
  const next = (worker: Worker) =>
    new Promise<{ measured: boolean; forms: MeasuredForms }>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  try {
    await Promise.all(workers.map(next));
    const answers = workers.map(next);
    for (const worker of workers) worker.postMessage('go');
    const [one, other] = await Promise.all(answers);
    expect([one.measured, other.measured].sort()).toEqual([false, true]);
    expect(one.forms.length).toBeGreaterThan(3);
    expect(other.forms).toEqual(one.forms);
  } finally {
    for (const worker of workers) worker.terminate();
  }
});
