import { expect, test } from 'vitest';
import { LossLog } from '../../../src/train/loss-log.ts';
import { testGpu } from '../gpu.ts';

const SOURCE = 0x04 | 0x08; // COPY_SRC | COPY_DST

/** A log whose losses are the numbers of their steps, and whose gradients' norms twice as large. */
async function numberedLog() {
  const { device } = (await testGpu()).gpu;
  const buffer = device.createBuffer({ size: 16, usage: SOURCE });
  const log = new LossLog(device, { buffer, offset: 8 }, { buffer, offset: 4 });
  const encode = (step: number): void => {
    device.queue.writeBuffer(buffer, 4, Float32Array.of((2 * step) ** 2, step));
    const encoder = device.createCommandEncoder();
    log.encode(encoder, step);
    device.queue.submit([encoder.finish()]);
  };
  const add = (step: number): void => {
    encode(step);
    log.submitted(step);
  };
  const end = (): void => {
    log.destroy();
    buffer.destroy();
  };
  return { log, encode, add, end };
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

test('every loss and norm is read once, in order, also where the ring wraps round', async () => {
  const { log, add, end } = await numberedLog();
  expect(await log.readSteps()).toEqual({ step: 0, losses: [], gradientNorms: [] });
  for (const step of range(1, 5)) add(step);
  expect(await log.read()).toEqual(range(1, 5));
  expect(await log.read()).toEqual([]);
  for (let first = 6; first < 1000; first += 200) {
    for (const step of range(first, first + 199)) add(step);
    const steps = range(first, first + 199);
    const gradientNorms = steps.map(step => 2 * step);
    expect(await log.readSteps()).toEqual({ step: first + 199, losses: steps, gradientNorms });
  }
  end();
});

test('steps added while a read is under way belong to the next one', async () => {
  const { log, add, end } = await numberedLog();
  for (const step of range(1, 3)) add(step);
  const reading = log.readSteps();
  expect(log.readSteps()).toBe(reading);
  for (const step of range(4, 6)) add(step);
  expect((await reading).losses).toEqual(range(1, 3));
  expect(await log.read()).toEqual(range(4, 6));
  end();
});

test('a step that does not count as done yet is not read, and what is read says its own last step', async () => {
  const { log, encode, add, end } = await numberedLog();
  for (const step of range(7, 8)) add(step);
  encode(9);
  expect(await log.readSteps()).toMatchObject({ step: 8, losses: [7, 8] });
  expect(await log.readSteps()).toMatchObject({ step: 8, losses: [] });
  log.submitted(9);
  expect(await log.readSteps()).toMatchObject({ step: 9, losses: [9] });
  end();
});

test('it says that it is full before a loss would be overwritten', async () => {
  const { log, add, end } = await numberedLog();
  let step = 0;
  while (!log.full) add(++step);
  expect(step).toBeLessThanOrEqual(256);
  expect(await log.read()).toEqual(range(1, step));
  expect(log.full).toBe(false);
  end();
});

test('a run may begin at any step, and begin again while a read is under way', async () => {
  const { log, add, end } = await numberedLog();
  for (const step of range(41, 43)) add(step);
  const reading = log.read();
  log.clear();
  add(1);
  expect(await reading, 'losses of the run before').toEqual([]);
  add(2);
  expect(await log.read()).toEqual([1, 2]);
  end();
});
