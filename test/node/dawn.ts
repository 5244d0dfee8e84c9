/** A device for tests in Node: Dawn on the software Vulkan driver that Debian's chromium brings. */
import { existsSync } from 'node:fs';
import { type Gpu, openGpu } from '../../src/gpu/device.ts';

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** @throws Error where the driver is not installed */
export async function openDawn(): Promise<Gpu> {
  if (!existsSync(driver)) {
    throw new Error(
      `There is no ${driver}: this test needs the software Vulkan driver of Debian's chromium.`,
    );
  }
  // Read by the Vulkan loader when Dawn is loaded.
  Object.assign(process.env, {
    VK_DRIVER_FILES: driver,
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '/tmp',
  });
  const { create } = await import('webgpu');
  const gpu = create([]);
  // Dawn ends, with all that it made, when this is collected.
  Reflect.set(globalThis, 'dawnOfTheTest', gpu);
  return openGpu(gpu);
}
