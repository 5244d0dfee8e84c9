/** Blocks in half precision: what they keep, and that nothing infinite or NaN is lost on the way. */
import { expect, test } from 'vitest';
import { Executor } from '../../../src/engine/executor.ts';
import { allocateSpaces, destroySpaces } from '../../../src/engine/spaces.ts';
import { readFloats } from '../../../src/engine/transfer.ts';
import { isFiniteBlock, withHalfWire } from '../../../src/plan/half-wire.ts';
import type { Placement, Plan } from '../../../src/plan/plan.ts';
import { testGpu } from '../gpu.ts';

/** Not a multiple of a run of 128; the block begins where a buffer cannot be bound. */
const SIZE = 300;
const AHEAD = 3;

/** Sends a block to peer 1, and gets one back. @returns it as it was packed, and unpacked */
async function thereAndBack(values: readonly number[]) {
  const { gpu, pipelines } = await testGpu();
  const at = (space: string): Placement => ({ space, block: 0, offset: 4 * AHEAD, bytes: 4 * SIZE });
  const provenance = { layer: '', phase: 'forward', op: 'swap', shape: [SIZE] } as const;
  const identity = { label: 'block', provenance, exchange: 0, group: 'row' };
  const buffer = { bytes: 4 * (AHEAD + SIZE), label: 'block' };
  const plan: Plan = withHalfWire({
    steps: [
      { kind: 'start', ...identity, sends: [{ peer: 1, at: at('inputs') }] },
      { kind: 'finish', ...identity, receives: [{ peer: 1, at: at('exchange') }] },
    ],
    spaces: { inputs: [buffer], exchange: [buffer] },
    inputs: new Map([['x', at('inputs')]]),
    outputs: new Map([['y', at('exchange')]]),
    exchanges: 1,
  });
  const spaces = await allocateSpaces(gpu, plan);
  const executor = await Executor.create(gpu, pipelines, plan, spaces);
  const x = executor.locate('x');
  gpu.device.queue.writeBuffer(x.buffer, x.offset, Float32Array.from(values));
  let sent: (bytes: Uint8Array<ArrayBuffer>) => void;
  const packed = new Promise<Uint8Array<ArrayBuffer>>(resolve => {
    sent = resolve;
  });
  await executor.run({
    send: (_peer, _exchange, bytes) => sent(bytes.slice()),
    receive: () => packed,
    release: () => {},
  });
  const { buffer: result, offset, bytes } = executor.locate('y');
  const unpacked = await readFloats(gpu.device, result, offset, bytes);
  executor.destroy();
  destroySpaces(spaces);
  return { packed: await packed, unpacked };
}

const block = (at: (i: number) => number) => Array.from({ length: SIZE }, (_, i) => at(i));

test('elements keep eleven bits of the largest of their run, whatever its size', async () => {
  // Runs of sizes from 1e-30 to 1e30, and one of zeros but for its last element.
  const values = block(i => (i < 128 ? 1e-30 : i < 256 ? 1e30 : i === SIZE - 1 ? -1 : 0) * Math.sin(i + 1));
  const { packed, unpacked } = await thereAndBack(values);
  expect(packed.byteLength).toBe(3 * 65 * 4);
  expect(isFiniteBlock(packed, 'f16')).toBe(true);
  for (let run = 0; run < 3; run++) {
    const own = values.slice(128 * run, 128 * (run + 1));
    const largest = Math.max(...own.map(Math.abs));
    own.forEach((value, i) => {
      expect(Math.abs(unpacked[128 * run + i] - value) / largest).toBeLessThanOrEqual(2 ** -11);
    });
  }
});

test('a run of values too small for an inverse becomes zero, not infinite', async () => {
  const { packed, unpacked } = await thereAndBack(block(() => 1e-40));
  expect(isFiniteBlock(packed, 'f16')).toBe(true);
  expect(Math.max(...unpacked.map(Math.abs))).toBeLessThanOrEqual(1e-40);
});

test.each([
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['minus infinity', Number.NEGATIVE_INFINITY],
  ['what its inverse is too small for', 3e38],
])('%s makes the scale of its run NaN, wherever it stands', async (_, bad) => {
  for (const place of [0, 127, 128, 201, SIZE - 1]) {
    const { packed } = await thereAndBack(block(i => (i === place ? bad : Math.sin(i))));
    expect(isFiniteBlock(packed, 'f16'), `element ${place}`).toBe(false);
    // Halves may lose it, as a device likes.
    const words = new Float32Array(packed.buffer);
    const broken = [0, 1, 2].filter(run => Number.isNaN(words[65 * run]));
    expect(broken).toEqual([Math.floor(place / 128)]);
  }
});
