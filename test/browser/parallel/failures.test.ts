/**
 * A rank of a 2x2 mesh goes wrong in the middle of training: rank 0 says which one and why, all stop, and the run goes
 * on from the last checkpoint. It is rank 3, with which rank 0 exchanges nothing, so that it must be told.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { type Gpu, openGpu } from '../../../src/gpu/device.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import type { MeshShape } from '../../../src/mesh/mesh.ts';
import { weatherMixerOf } from '../../../src/models/weathermixer-kind.ts';
import { FrameKind, HEADER_BYTES, readHeader, writeHeader } from '../../../src/net/frame.ts';
import type { LinkMessage } from '../../../src/net/link-port.ts';
import { callsTo } from '../../../src/parallel/call-proxies.ts';
import { readCall } from '../../../src/parallel/control-messages.ts';
import { DivergedError, PeerError } from '../../../src/parallel/faults.ts';
import type { Links } from '../../../src/parallel/links.ts';
import { assembleCopies, copyHolders, createShardCopies } from '../../../src/parallel/shard-copies.ts';
import { freshPlateau } from '../../../src/train/schedule.ts';
import type { TrainerState } from '../../../src/train/trainer-state.ts';
import { relativeError } from '../check.ts';
import { testGpu } from '../gpu.ts';
import { stateOf } from '../state.ts';
import { type LocalOptions, localMesh, model, tapped, train, wholeTrainer } from './local-mesh.ts';

const mesh: MeshShape = { rows: 2, columns: 2, replicas: 1 };
/** Steps before the checkpoint, and after it. */
const BEFORE = 3;
const AFTER = 4;
const GUILTY = 3;
/** Run of the plan in which it goes wrong: two steps after the checkpoint. */
const BAD_ROUND = BEFORE + 2;

/** Losses of the steps after the checkpoint in an undisturbed run. */
let later: number[];

beforeAll(async () => {
  const whole = await wholeTrainer();
  await train(whole, BEFORE);
  later = await train(whole, AFTER);
  whole.destroy();
});

const failureOf = (links: Links) => new Promise<Error>(resolve => links.onFailure(resolve));

/** Goes on from a state with fresh links, as the undisturbed run did. */
async function goesOn(shape: MeshShape, state: TrainerState): Promise<void> {
  const { trainer, close } = await localMesh(shape);
  await trainer.writeState(state, BEFORE);
  expect(relativeError(await train(trainer, AFTER), later)).toBeLessThanOrEqual(1e-4);
  close();
}

/** Trains to a checkpoint and on until the mesh breaks; then on a new one. @returns what rank 0 heard */
async function breaks(options: LocalOptions): Promise<Error> {
  const { trainer, links, close } = await localMesh(mesh, options);
  const stopped = Promise.all(links.slice(0, GUILTY).map(failureOf));
  await train(trainer, BEFORE);
  const state = await stateOf(trainer);
  const error: unknown = await train(trainer, 1000).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PeerError);
  for (const failure of await stopped) expect((failure as PeerError).rank).toBe(GUILTY);
  // Whatever is asked of a broken mesh is refused for the same reason, and nothing waits.
  await expect(stateOf(trainer)).rejects.toBe(error);
  close();
  await goesOn(mesh, state);
  return error as Error;
}

/** The frame with another payload. */
function carrying(frame: ArrayBuffer, payload: Uint8Array): ArrayBuffer {
  const changed = new ArrayBuffer(HEADER_BYTES + payload.byteLength);
  const bytes = payload.byteLength;
  new Uint8Array(changed, HEADER_BYTES).set(payload);
  writeHeader(changed, { ...readHeader(frame), total: bytes, part: { index: 0, bytes } });
  return changed;
}

const cases: [string, (frame: ArrayBuffer) => LinkMessage | undefined, RegExp][] = [
  [
    'garbage',
    frame => new Uint8Array(frame.byteLength).fill(7).buffer,
    /^Rank 3 sent bytes that are no frame/,
  ],
  [
    'a block of another plan',
    frame => {
      new DataView(frame).setUint32(8, 5, true);
      return frame;
    },
    /^Rank 3 sent a block of another plan \(5; rank \d runs \d+\)/,
  ],
  [
    'a block of a wrong length',
    frame => carrying(frame, new Uint8Array(frame, HEADER_BYTES, frame.byteLength - HEADER_BYTES - 4)),
    /^Rank 3 sent a block of \d+ bytes; \d+ were expected\./,
  ],
  [
    'NaN',
    frame => {
      new DataView(frame).setFloat32(HEADER_BYTES, Number.NaN, true);
      return frame;
    },
    /^Rank 3 sent a value that is not a finite number/,
  ],
];

/** Is this a block of rank 3, of the step in which it goes wrong? */
function isBad(message: LinkMessage, from: number): message is ArrayBuffer {
  if (from !== GUILTY || !(message instanceof ArrayBuffer)) return false;
  const { kind, step } = readHeader(message);
  return kind === FrameKind.data && step >= BAD_ROUND;
}

describe('a rank of a mesh goes wrong in the middle of a step', () => {
  test.each(cases)('it sends %s', async (_, change, words) => {
    const error = await breaks({
      between: (a, b) => tapped(a, b, (message, from) => (isBad(message, from) ? change(message) : message)),
    });
    expect(error.message).toMatch(words);
  });

  test('its page is closed', async () => {
    let gone = false;
    const closed = { type: 'closed', reason: 'the other page was closed' } as const;
    const error = await breaks({
      between: (a, b) =>
        tapped(a, b, (message, from) => {
          gone ||= isBad(message, from);
          return gone && from === GUILTY ? closed : message;
        }),
    });
    expect(error.message).toMatch(/^Rank 3 is gone: the other page was closed\./);
  });

  test('it freezes', async () => {
    let frozen = false;
    const error = await breaks({
      silenceMs: 400,
      between: (a, b) =>
        tapped(a, b, (message, from) => {
          frozen ||= isBad(message, from);
          return frozen && from === GUILTY ? undefined : message;
        }),
    });
    expect(error.message).toMatch(/^Rank 3 does not answer: nothing was heard from it for 0.4 s\./);
  });

  test('its device is lost', async () => {
    const gpu: Gpu = await openGpu(navigator.gpu);
    const device = { gpu, pipelines: new PipelineCache(gpu.device) };
    const error = await breaks({
      deviceOf: rank => (rank === GUILTY ? device : undefined),
      between: (a, b) =>
        tapped(a, b, (message, from) => {
          if (isBad(message, from)) gpu.device.destroy();
          return message;
        }),
    });
    expect(error.message).toMatch(/^Rank 3 gave up: /);
  });
});

test.each(['f32', 'f16'] as const)('a model that diverges is told as that, on %s links', async wire => {
  const { trainer, links, close } = await localMesh(mesh, { wire });
  const stopped = Promise.all(links.map(failureOf));
  await train(trainer, BEFORE);
  const state = await stateOf(trainer);
  // Finite still, but the products of the next step are not.
  const parameters = state.parameters.map(value => 1e30 * value);
  await trainer.writeState({ ...state, parameters }, BEFORE);
  await expect(train(trainer, AFTER)).rejects.toThrow(DivergedError);
  for (const failure of await stopped) {
    expect(failure.message).toMatch(
      /^The model has diverged: at step 4 rank \d computed a value that is not a finite number\. Lower the learning/,
    );
  }
  close();
  await goesOn(mesh, state);
});

test('an error of rank 0 itself stops the others', async () => {
  const { trainer, links, close } = await localMesh(mesh);
  const stopped = Promise.all(links.slice(1).map(failureOf));
  await train(trainer, 2);
  const wrong = { input: new Float32Array(1), target: new Float32Array(1) };
  await expect(trainer.trainStep(wrong, 1e-3, 7)).rejects.toThrow('input input takes');
  for (const { message } of await stopped) expect(message).toMatch(/^Rank 0 gave up: input input takes/);
  close();
});

test('a rank that is wired anew while it tries a step frees what it held after that step', async () => {
  const pair: MeshShape = { rows: 1, columns: 2, replicas: 1 };
  const { device } = (await testGpu()).gpu;
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>(resolve => {
    asked = resolve;
  });
  const isTry = (message: LinkMessage) =>
    message instanceof ArrayBuffer &&
    readHeader(message).kind === FrameKind.call &&
    readCall(message).name === 'rehearse';
  const after = new MessageChannel();
  after.port1.onmessage = () => asked();
  const pass = (message: LinkMessage) => {
    // Messages come in the order in which they were posted: when this one does, the rank has begun.
    if (isTry(message)) queueMicrotask(() => after.port2.postMessage(null));
    return message;
  };
  const { trainer, links, served, close } = await localMesh(pair, {
    between: (a, b) => tapped(a, b, pass),
  });
  device.pushErrorScope('validation');
  const tried = trainer.rehearse(7);
  const refused = expect(tried).rejects.toThrow('The links were closed.');
  await isAsked;
  const freed = served[0].close();
  links[0].close();
  await Promise.all([freed, refused]);
  expect((await device.popErrorScope())?.message).toBeUndefined();
  close();
});

test('forecasts and states that are asked for at once are made one after the other', async () => {
  const { trainer, close } = await localMesh(mesh);
  await train(trainer, 1);
  const input = new Float32Array((2 * model.channels + model.statics) * model.height * model.width).fill(0.1);
  const [a, state, b] = await Promise.all([
    trainer.predict(input, 1),
    stateOf(trainer),
    trainer.predict(input, 1),
  ]);
  expect(a).toEqual(b);
  expect(state.parameters.every(Number.isFinite)).toBe(true);
  close();
});

describe('copies of shards', () => {
  const label = {
    info: {
      ...{
        preset: 'waves',
        source: 'waves',
        channels: [],
        model: weatherMixerOf(model),
        seed: 7,
        step: BEFORE,
        steps: 1000,
      },
      ...{ lossFirst: 1, lossLast: 1, plateau: freshPlateau, savedAt: 1 },
    },
    config: { preset: 'waves' },
  };

  /** What every rank holds after its copies have arrived: a call to the holder comes after what it was given. */
  const held = async (links: readonly Links[], shape: MeshShape) => {
    await Promise.all(copyHolders(shape).map((holder, rank) => callsTo(links[rank], holder).copies()));
    return Promise.all(
      links.map(async own => {
        const next = (own.rank + 1) % links.length;
        const calls = callsTo(own, next);
        const copies = (await calls.copies()).map(async heading => (await calls.readCopy(heading))!);
        return { rank: next, copies: await Promise.all(copies) };
      }),
    );
  };

  test('whichever rank is lost, the others hold the whole, and go on with it', async () => {
    const { trainer, links, close } = await localMesh(mesh);
    await train(trainer, BEFORE);
    const state = await stateOf(trainer, label);
    const all = await held(links, mesh);
    close();
    const without = (...lost: number[]) =>
      all.flatMap(({ rank, copies }) => (lost.includes(rank) ? [] : copies));
    for (const rank of [0, 1, 2, 3]) {
      const whole = assembleCopies(without(rank));
      expect(whole.heading).toMatchObject({ ...label, mesh });
      expect(whole.state).toEqual(state);
    }
    expect(() => assembleCopies(without(0, 1))).toThrow('lacks the shard of rank 0.');
    // Without rank 0 and its page, on fewer ranks.
    await goesOn({ rows: 1, columns: 2, replicas: 1 }, assembleCopies(without(0)).state);
  });

  test('replicas: the copy is always on another rank', async () => {
    const shape = { rows: 1, columns: 1, replicas: 2 };
    const replicas = await localMesh(shape);
    const state = await stateOf(replicas.trainer, label);
    const [second] = await held(replicas.links, shape);
    expect(second.rank).toBe(1);
    expect(assembleCopies(second.copies).state).toEqual(state);
    replicas.close();
  });

  test('what a rank cannot store is told once, and the state is read all the same', async () => {
    const store = { put: () => Promise.reject(new Error('its disk is full')) };
    const full = createShardCopies({ ...store, headings: async () => [], read: async () => undefined });
    const { trainer, links, close } = await localMesh({ rows: 1, columns: 2, replicas: 1 }, { copies: full });
    await stateOf(trainer, label);
    await stateOf(trainer, label);
    expect(await callsTo(links[0], 1).copies()).toHaveLength(2);
    expect(trainer.takeWarnings()).toEqual(['Rank 1: its disk is full']);
    expect(trainer.takeWarnings()).toEqual([]);
    close();
  });
});
