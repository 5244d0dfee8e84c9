// Starts the bench of this folder with what a bare machine may lack: a place for the driver's sockets, the Vulkan loader
// (the one in lib/ where the system has none), and the driver's file where containers put it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const env = { ...process.env };

if (!env.XDG_RUNTIME_DIR) {
  env.XDG_RUNTIME_DIR = `${tmpdir()}/isobar-runtime`;
  mkdirSync(env.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
}
const loaders = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
if (!loaders.includes('libvulkan.so.1')) {
  env.LD_LIBRARY_PATH = [env.LD_LIBRARY_PATH, here('lib')].filter(Boolean).join(':');
}
const inContainers = '/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json';
const installed = ['/etc/vulkan/icd.d/nvidia_icd.json', '/usr/share/vulkan/icd.d/nvidia_icd.json'].some(
  existsSync,
);
if (!env.VK_DRIVER_FILES && !env.VK_ICD_FILENAMES && !installed && existsSync(inContainers)) {
  env.VK_DRIVER_FILES = inContainers;
}
const { status, signal } = spawnSync(process.execPath, [here('bench.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
});
if (signal) console.error(`The bench was ended by ${signal}.`);
process.exitCode = status ?? 1;
