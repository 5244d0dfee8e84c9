/** A buffer that is mapped while its device is lost, or while it is destroyed itself. */
import { expect, test } from 'vitest';
import { openGpu } from '../../../src/gpu/device.ts';
import { DeviceLostError, mapForReading } from '../../../src/gpu/mapping.ts';
import { usage } from '../../../src/gpu/usage.ts';

const open = async () => {
  const { device } = await openGpu(navigator.gpu);
  return { device, buffer: device.createBuffer({ size: 8, usage: usage.readBack }) };
};

test('the first bytes of a buffer are mapped', async () => {
  const { device, buffer } = await open();
  await mapForReading(device, buffer, 4);
  expect(buffer.getMappedRange(0, 4).byteLength).toBe(4);
  device.destroy();
});

test('a device that is lost is the cause, and not the buffer', async () => {
  const { device, buffer } = await open();
  const mapping = mapForReading(device, buffer);
  device.destroy();
  await expect(mapping).rejects.toBeInstanceOf(DeviceLostError);
  await expect(mapping).rejects.toThrow(/^its graphics device was lost/);
});

test('a buffer that is destroyed is told as the browser says it', async () => {
  const { device, buffer } = await open();
  const mapping = mapForReading(device, buffer);
  buffer.destroy();
  await expect(mapping).rejects.toBeInstanceOf(DOMException);
  device.destroy();
});
