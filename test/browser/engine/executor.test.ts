/** A run that ends early, as when a peer is gone, leaves blocks of its own under way. */
import { expect, test } from 'vitest';
import { Executor } from '../../../src/engine/executor.ts';
import { allocateSpaces, destroySpaces } from '../../../src/engine/spaces.ts';
import type { Placement, Plan } from '../../../src/plan/plan.ts';
import { testGpu } from '../gpu.ts';

const BYTES = 64;

test('a plan whose run ended early is not run again: it says why it ended, and the device is asked for nothing', async () => {
  const { gpu, pipelines } = await testGpu();
  const at = (space: string): Placement => ({ space, block: 0, offset: 0, bytes: BYTES });
  const provenance = { layer: '', phase: 'forward', op: 'swap', shape: [BYTES / 4] } as const;
  const identity = { label: 'block', provenance, exchange: 0, group: 'row' };
  const buffer = { bytes: BYTES, label: 'block' };
  const plan: Plan = {
    steps: [
      { kind: 'start', ...identity, sends: [{ peer: 1, at: at('inputs') }] },
      { kind: 'finish', ...identity, receives: [{ peer: 1, at: at('exchange') }] },
    ],
    spaces: { inputs: [buffer], exchange: [buffer] },
    inputs: new Map(),
    outputs: new Map(),
    exchanges: 1,
  };
  const spaces = await allocateSpaces(gpu, plan);
  const executor = await Executor.create(gpu, pipelines, plan, spaces);
  const gone = new Error('peer 1 is gone');
  let asked = 0;
  const run = () =>
    executor.run({
      send: () => {},
      receive: () => {
        asked++;
        return Promise.reject(gone);
      },
      release: () => {},
    });
  gpu.device.pushErrorScope('validation');
  await expect(run()).rejects.toBe(gone);
  // What goes out is still being mapped.
  await expect(run()).rejects.toBe(gone);
  expect(asked).toBe(1);
  expect((await gpu.device.popErrorScope())?.message).toBeUndefined();
  executor.destroy();
  destroySpaces(spaces);
});
