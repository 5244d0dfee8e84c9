/**
 * The pack for a real GPU, on the software adapter: it is written, runs from its folder alone, and finds its own results
 * right; kernels that are not, it calls wrong.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sizeLists } from '../../../bench/gpu/sizes.ts';
import { root } from '../../../scripts/setup.mjs';

/** SwiftShader's driver file, which Debian's chromium brings. */
const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const folder = mkdtempSync(join(tmpdir(), 'isobar-pack-'));

beforeAll(() => {
  if (!existsSync(driver)) {
    throw new Error(
      `There is no ${driver}: these tests need the software Vulkan driver of Debian's chromium.`,
    );
  }
  const { status, stderr } = spawnSync(
    process.execPath,
    [`${root}scripts/bench.mjs`, 'gpu', '--pack', folder],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`The pack was not written: ${stderr}`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the pack from another folder, without Python, with this driver. */
function run(args: readonly string[], driverFile = driver) {
  return spawnSync(process.execPath, [join(folder, 'run.mjs'), '--python', 'no-python', ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, VK_DRIVER_FILES: driverFile },
    encoding: 'utf8',
  });
}

test('measures and checks the small list', { timeout: 300_000 }, () => {
  const json = join(folder, 'result.json');
  const only = ['--only', 'products,passes,steps,variants'];
  const { status, stdout, stderr } = run([
    ...['--sizes', 'small', ...only, '--json', json, '--tune', join(folder, 'forms.json')],
  ]);
  expect(status, stdout + stderr).toBe(0);
  const result = JSON.parse(readFileSync(json, 'utf8'));
  const { small } = sizeLists;
  expect(result.machine).toMatchObject({ software: true, architecture: 'swiftshader' });
  expect(result.failures).toEqual([]);
  expect(result.products.length).toBeGreaterThan(small.squares.length + 10);
  for (const { ours } of result.products) {
    expect(ours.ms).toBeGreaterThan(0);
    // Short sums may round alike in both kernels; not those of the rows, in float64.
    expect(ours.rowError).toBeGreaterThan(0);
    expect(ours.rowError).toBeLessThan(1e-5);
    expect(ours.fullError).toBeLessThan(1e-5);
  }
  expect(result.passes.map(({ kind }: { kind: string }) => kind)).toEqual([
    ...['scale', 'add', 'gelu', 'transpose', 'sum', 'adam', 'norm', 'norm backward'],
  ]);
  expect(result.overhead.dispatches).toBe(small.empties);
  const [step] = result.steps;
  expect(step.ours.losses.at(-1)).toBeLessThan(step.ours.losses[0]);
  expect(step.tuned.ours.losses).toHaveLength(step.ours.losses.length);
  const [forms] = Object.values<object[]>(JSON.parse(readFileSync(join(folder, 'forms.json'), 'utf8')));
  expect(forms.length).toBeGreaterThan(0);
  expect(result.variants.compared).toBe(5);
  expect(stdout).toContain('all of it is right');
  expect(stdout).toContain('PyTorch: not here');
});

test('calls a wrong kernel wrong, and ends with 1', { timeout: 180_000 }, () => {
  // One result, in a row that is not sampled, is lost.
  const shader = join(folder, 'shaders/prelude/product.wgsl');
  const text = readFileSync(shader, 'utf8');
  const store = 'y[at[c]] = kept[c];';
  expect(text).toContain(store);
  writeFileSync(shader, text.replace(store, `if (at[c] != 4031u) { ${store} }`));
  const { status, stdout } = run(['--sizes', 'small', '--only', 'products', '--models', 'tiny']);
  writeFileSync(shader, text);
  expect(stdout).toContain('64 cubed is wrong on this device');
  expect(status).toBe(1);
});

test('says what is missing where there is no driver, and which choices there are', () => {
  const { status, stderr } = run([], '/no/driver.json');
  expect(status).toBe(2);
  expect(stderr).toContain(
    'Dawn found no Vulkan driver. It needs the loader libvulkan.so.1 (Debian: libvulkan1)',
  );
  expect(run(['--sizes', 'huge']).stderr).toContain('--sizes is "huge"; it must be small or full.');
  expect(run(['--models', 'demo,none']).stderr).toContain('--models has "none"; there are demo, tiny');
});
