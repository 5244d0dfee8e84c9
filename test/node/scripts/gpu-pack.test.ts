/**
 * The pack for a real GPU, on the software adapter: it is written, runs from its folder alone, and finds its own results
 * right; kernels that are not, it calls wrong.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MeterRow } from '../../../bench/gpu/meter-section.ts';
import { sizeLists } from '../../../bench/gpu/sizes.ts';
import { directions } from '../../../bench/layers.ts';
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

/** Runs the pack from another folder, without Python, with this driver, and programs of this folder before all others. */
function run(args: readonly string[], driverFile = driver, programs = '') {
  return spawnSync(process.execPath, [join(folder, 'run.mjs'), '--python', 'no-python', ...args], {
    cwd: tmpdir(),
    env: { PATH: `${programs}:${process.env.PATH}`, VK_DRIVER_FILES: driverFile },
    encoding: 'utf8',
  });
}

/** A program that says of a GPU what nvidia-smi does, in so many watts: once, or again and again. */
function fakeNvidiaSmi(watts: number): string {
  const programs = mkdtempSync(join(folder, 'bin-'));
  const line = `echo 'NVIDIA H200, ${watts}, 1980'`;
  const script = `#!/bin/sh\ncase "$*" in\n*--loop-ms*) while ${line}; do sleep 0.02; done ;;\n*) ${line} ;;\nesac\n`;
  writeFileSync(join(programs, 'nvidia-smi'), script, { mode: 0o755 });
  return programs;
}

test('measures and checks the small list', { timeout: 900_000 }, () => {
  const json = join(folder, 'result.json');
  const only = ['--only', 'products,convolutions,passes,steps,variants'];
  const { status, stdout, stderr } = run([
    ...['--sizes', 'small', ...only, '--json', json, '--tune', join(folder, 'forms.json')],
  ]);
  expect(status, stdout + stderr).toBe(0);
  const result = JSON.parse(readFileSync(json, 'utf8'));
  const { small } = sizeLists;
  expect(result.machine).toMatchObject({ software: true, architecture: 'swiftshader' });
  expect(result.failures).toEqual([]);
  expect(result.products.length).toBeGreaterThan(small.squares.length + 10);
  expect(result.convolutions.map(({ direction }: { direction: string }) => direction)).toEqual(
    small.layers.flatMap(() => [...directions]),
  );
  for (const { ours } of [...result.products, ...result.convolutions]) {
    expect(ours.ms).toBeGreaterThan(0);
    // Short sums may round alike in both kernels; not those that are in float64.
    expect(ours.sampleError).toBeGreaterThan(0);
    expect(ours.sampleError).toBeLessThan(1e-5);
    expect(ours.fullError).toBeLessThan(1e-5);
  }
  expect(result.passes.map(({ kind }: { kind: string }) => kind)).toEqual([
    ...['scale', 'add', 'gelu', 'transpose', 'sum', 'adam', 'norm', 'norm backward'],
  ]);
  expect(result.overhead.dispatches).toBe(small.empties);
  expect(result.steps.map(({ name, batch }: { name: string; batch: number }) => [name, batch])).toEqual([
    ['tiny', 4],
    ['resnet8', small.batches.resnet8],
  ]);
  for (const { ours, tuned } of result.steps) {
    expect(ours.losses.at(-1)).toBeLessThan(ours.losses[0]);
    expect(tuned.ours.losses).toHaveLength(ours.losses.length);
  }
  const [forms] = Object.values<object[]>(JSON.parse(readFileSync(join(folder, 'forms.json'), 'utf8')));
  expect(forms.length).toBeGreaterThan(0);
  expect(result.variants.compared).toBe(5);
  expect(stdout).toContain('all of it is right');
  expect(stdout).toContain('PyTorch: not here');
});

test('power is read at rest and under five loads, beside what is estimated of the same', {
  timeout: 600_000,
}, () => {
  const json = join(folder, 'power.json');
  const { status, stdout, stderr } = run(
    ['--sizes', 'small', '--only', 'meter', '--json', json],
    driver,
    fakeNvidiaSmi(123.5),
  );
  expect(status, stdout + stderr).toBe(0);
  const rows: MeterRow[] = JSON.parse(readFileSync(json, 'utf8')).metered;
  expect(rows.map(({ model, share }) => [model, share])).toEqual([
    ['at rest', 0],
    ...[0.2, 0.4, 0.6, 0.8, 1].map(share => ['tiny', share]),
  ]);
  rows.forEach(({ load, read, estimated, share, steps }, i) => {
    expect(read?.watts).toBe(123.5);
    expect(read?.samples).toBeGreaterThan(0);
    // A rest may be longer than it was asked to be, never shorter.
    expect(load.busy.central).toBeLessThanOrEqual(share * 1.1);
    expect(load.flops / Math.max(1, steps)).toBe(i === 0 ? 0 : rows[1].load.flops / rows[1].steps);
    expect(estimated.low).toBeLessThan(estimated.central);
    expect(estimated.central).toBeLessThan(estimated.high);
    if (i > 0) expect(estimated.central).toBeGreaterThan(rows[i - 1].estimated.central);
  });
});

test('calls a wrong kernel wrong, and ends with 1', { timeout: 600_000 }, () => {
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

test('calls wrong convolutions wrong, whether one form is or all are, and ends with 1', {
  timeout: 600_000,
}, () => {
  // The last column of an image counts as outside: for both forms of a convolution with its patches, for one with their transpose.
  const faults = [
    ['prelude/patch_columns.wgsl', '(column < vec4u(p.width))', '(column < vec4u(p.width - 1u))'],
    ['conv_weights_lanes.wgsl', 'left_x < vec4u(p.width)', 'left_x < vec4u(p.width - 1u)'],
  ].map(([file, right, wrong]) => ({ file: join(folder, 'shaders', file), right, wrong }));
  for (const { file, right, wrong } of faults) {
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(right);
    writeFileSync(file, text.replace(right, wrong));
  }
  const { status, stdout } = run(['--sizes', 'small', '--only', 'convolutions']);
  for (const { file, right, wrong } of faults) {
    writeFileSync(file, readFileSync(file, 'utf8').replace(wrong, right));
  }
  const errors = Object.fromEntries(
    [...stdout.matchAll(/^(.+): .+ is wrong on this device: (.+)$/gm)].map(([, name, found]) => [
      name,
      JSON.parse(found),
    ]),
  );
  const [{ name }] = sizeLists.small.layers;
  expect(Object.keys(errors)).toEqual(directions.map(direction => `${name}, ${direction}`));
  // Sums in float64 tell what two ways that are wrong alike do not.
  expect(errors[`${name}, forward`].fullError).toBeLessThan(1e-6);
  expect(errors[`${name}, forward`].sampleError).toBeGreaterThan(0.01);
  expect(errors[`${name}, weights`].fullError).toBeGreaterThan(0.01);
  expect(stdout).toContain('3 failed');
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
