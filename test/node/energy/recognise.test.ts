/** What browsers say of GPUs, in the forms seen in public: each finds its row or its class, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../scripts/setup.mjs';
import { type GpuRow, gpuKinds, gpuRows, rowNamed } from '../../../src/energy/gpu-rows.ts';
import { sources } from '../../../src/energy/gpu-table.ts';
import { recognise } from '../../../src/energy/recognise.ts';

const renderer = (text: string) => recognise({ renderer: text });

describe('the table', () => {
  test('holds at least 70 GPUs, of every kind', () => {
    expect(gpuRows.length).toBeGreaterThanOrEqual(70);
    for (const kind of gpuKinds) expect(gpuRows.filter(row => row.kind === kind).length).toBeGreaterThan(1);
    expect(new Set(gpuRows.map(({ name }) => name)).size).toBe(gpuRows.length);
  });

  test.each(gpuRows.map(row => [row.name, row] as const))('%s has figures in range', (_, row) => {
    const watts = row.watts.value;
    expect(watts).toBeGreaterThan(1);
    expect(watts).toBeLessThanOrEqual(1000);
    // An idle GPU takes something, and less than a quarter of what it may.
    expect(row.idleWatts.value).toBeGreaterThan(0);
    expect(row.idleWatts.value).toBeLessThan(watts / 4);
    // GFLOP/s for a watt: a slow processor, and the best card of the table with headroom.
    const efficiency = row.f32.value / watts / 1e9;
    expect(efficiency).toBeGreaterThan(4);
    expect(efficiency).toBeLessThan(600);
    expect(row.f16.value).toBeLessThanOrEqual(8.1 * row.f32.value);
    expect(row.f16.value).toBeGreaterThan(row.f32.value / 80);
    // FLOPs for a byte.
    const balance = row.f32.value / row.bandwidth.value;
    expect(balance).toBeGreaterThan(4);
    expect(balance).toBeLessThan(140);
  });

  test('every figure has a source, and most powers one that can be read', () => {
    const figures = (row: GpuRow) => [row.watts, row.idleWatts, row.f32, row.f16, row.bandwidth];
    for (const row of gpuRows) for (const { source } of figures(row)) expect(sources[source]).toBeTruthy();
    const estimated = gpuRows.filter(({ watts }) => watts.source === 'e');
    // Whoever adds rows adds where they are from.
    expect(estimated.length / gpuRows.length).toBeLessThan(0.25);
    // What no page says is not called sure.
    for (const { sure } of estimated) expect(sure).not.toBe('board');
  });

  test('the docs name every page', () => {
    const docs = readFileSync(join(root, 'docs/energy.md'), 'utf8');
    for (const [letter, page] of Object.entries(sources)) expect(docs).toContain(`| ${letter} | ${page}`);
  });

  test('a row is found by its name, and what is near is offered', () => {
    expect(rowNamed('geforce rtx 3060').watts.value).toBe(170);
    expect(() => rowNamed('RTX 4090 D')).toThrow(
      'No GPU named "RTX 4090 D" in the table. Did you mean GeForce RTX 4090',
    );
    expect(() => rowNamed('Voodoo 2')).toThrow(
      'No GPU named "Voodoo 2" in the table. Its rows are in src/energy/gpu-table.ts; of a GPU that has none, type in its power.',
    );
    expect(() => rowNamed('A100')).toThrow('Did you mean A100 SXM 40 GB');
  });
});

/** From `gpu-strings.md`, with the model that each names. */
const models: readonly (readonly [string, string])[] = [
  ['NVIDIA H100 80GB HBM3', 'H100 SXM'],
  ['ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)', 'GeForce RTX 3060'],
  [
    'ANGLE (NVIDIA, NVIDIA GeForce RTX 5060 Ti (0x00002D04) Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'GeForce RTX 5060 Ti',
  ],
  [
    'ANGLE (NVIDIA, NVIDIA GeForce RTX 4070 Laptop GPU Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'GeForce RTX 4070 Laptop',
  ],
  ['ANGLE (AMD, AMD Radeon RX 6700 XT Direct3D11 vs_5_0 ps_5_0, D3D11)', 'Radeon RX 6700 XT'],
  ['ANGLE (AMD, AMD Radeon(TM) 8060S Graphics (0x00001586) Direct3D11 vs_5_0 ps_5_0, D3D11)', 'Radeon 8060S'],
  [
    'ANGLE (Intel, Intel(R) UHD Graphics 770 (0x00004680) Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'UHD Graphics 770',
  ],
  ['ANGLE (Intel, Intel(R) Iris(R) Xe Graphics Direct3D11 vs_5_0 ps_5_0, D3D11)', 'Iris Xe Graphics'],
  ['ANGLE (Apple, ANGLE Metal Renderer: Apple M4 Pro, Unspecified Version)', 'M4 Pro'],
  ['ANGLE (Apple, ANGLE Metal Renderer: Apple M5 Max, Unspecified Version)', 'M5 Max'],
  ['ANGLE (Apple, Apple M2 Max, OpenGL 4.1)', 'M2 Max'],
  [
    'ANGLE (NVIDIA Corporation, NVIDIA GeForce RTX 3060/PCIe/SSE2, OpenGL 4.5.0 NVIDIA 535.54.03)',
    'GeForce RTX 3060',
  ],
  [
    'ANGLE (Intel, Mesa Intel(R) UHD Graphics 630 (CFL GT2), OpenGL 4.6 (Core Profile) Mesa 22.3.6)',
    'UHD Graphics 630',
  ],
  ['ANGLE (Intel, Mesa Intel(R) Graphics (ADL-N))', 'Intel Graphics of Alder Lake-N'],
  ['ANGLE (AMD, AMD Radeon RX 580 (POLARIS10), OpenGL 4.6)', 'Radeon RX 580'],
  [
    'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
    'SwiftShader (on the processor)',
  ],
  [
    'ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'Microsoft Basic Render Driver (on the processor)',
  ],
  ['ANGLE (Qualcomm, Adreno (TM) 740, OpenGL ES 3.2)', 'Adreno 740'],
  ['Mali-G715', 'Mali-G715'],
  ['ANGLE (Samsung Electronics Co., Ltd., Samsung Xclipse 940, OpenGL ES 3.2)', 'Xclipse 940'],
  ['Mesa Intel(R) UHD Graphics 620 (KBL GT2)', 'UHD Graphics 620'],
  ['AMD Radeon RX 6700 XT (radeonsi, navi22, LLVM 15.0.7, DRM 3.49, 6.1.0)', 'Radeon RX 6700 XT'],
  ['llvmpipe (LLVM 15.0.7, 256 bits)', 'llvmpipe (on the processor)'],
];

describe('models', () => {
  test.each(models)('%s', (text, name) => {
    const found = renderer(text);
    expect(found).toMatchObject({ kind: 'model', name });
    expect(found.rows).toHaveLength(1);
  });

  test('no recogniser but one takes the name of a row as its maker writes it', () => {
    for (const row of gpuRows) {
      for (const { phrase, besides } of row.patterns) {
        const found = renderer(
          `ANGLE (${row.vendor}, ${[...phrase, ...besides].join(' ')} Direct3D11, D3D11)`,
        );
        expect(found.rows.map(({ name }) => name)).toEqual([row.name]);
      }
      // Its maker's own word for itself finds it too.
      if (row.vendor !== 'software') expect(recognise({ vendor: row.vendor }).rows).toContain(row);
    }
  });

  test('a suffix that is no other model does no harm, one that is makes it another', () => {
    expect(renderer('NVIDIA GeForce RTX 3060 12GB OC').name).toBe('GeForce RTX 3060');
    expect(renderer('GeForce RTX3060').name).toBe('GeForce RTX 3060');
    expect(renderer('NVIDIA A100-SXM4-80GB').name).toBe('A100 SXM 80 GB');
    expect(renderer('NVIDIA A100 80GB PCIe').name).toBe('A100 PCIe 80 GB');
    const maxQ = renderer('NVIDIA GeForce RTX 2070 with Max-Q Design');
    expect(maxQ.kind).toBe('class');
    expect(new Set(maxQ.rows.map(({ vendor }) => vendor))).toEqual(new Set(['nvidia']));
    // Not in the table: of its generation, not its neighbour.
    const unknown = renderer('NVIDIA GeForce RTX 3050 Ti');
    expect(unknown.kind).toBe('class');
    expect(new Set(unknown.rows.map(({ generation }) => generation))).toEqual(new Set(['ampere']));
  });
});

const info = (vendor: string, architecture: string) => recognise({ vendor, architecture });

describe('classes', () => {
  test.each([
    ['nvidia', 'ampere'],
    ['nvidia', 'turing'],
    ['nvidia', 'lovelace'],
    ['nvidia', 'blackwell'],
    ['nvidia', 'hopper'],
    ['nvidia', 'pascal'],
    ['apple', 'metal-3'],
    ['amd', 'rdna-3'],
    ['amd', 'rdna-2'],
    ['amd', 'gcn-5'],
    ['intel', 'xe-lpg'],
    ['intel', 'gen-12lp'],
    ['intel', 'xe-hpg'],
    ['intel', 'gen-9'],
    ['qualcomm', 'adreno-7xx'],
    ['arm', 'valhall'],
  ])('%s %s', (vendor, architecture) => {
    const { kind, rows } = info(vendor, architecture);
    expect(kind).toBe('class');
    for (const row of rows) expect(row).toMatchObject({ vendor, generation: architecture });
  });

  test('software by name, and by its flag alone', () => {
    expect(info('google', 'swiftshader').rows.every(row => row.kind === 'software')).toBe(true);
    expect(recognise({ software: true }).rows.every(row => row.kind === 'software')).toBe(true);
  });

  test('some integrated Radeon, and Safari', () => {
    const radeon = renderer('ANGLE (AMD, AMD Radeon(TM) Graphics Direct3D11 vs_5_0 ps_5_0, D3D11)');
    expect(radeon.rows.every(({ vendor, kind }) => vendor === 'amd' && kind === 'integrated')).toBe(true);
    const safari = renderer('Apple GPU');
    expect(safari.kind).toBe('class');
    expect(safari.rows.every(({ vendor }) => vendor === 'apple')).toBe(true);
    // Phones among them, until a buffer is larger than a phone.
    expect(safari.rows.some(({ kind }) => kind === 'phone')).toBe(true);
    const large = recognise({ renderer: 'Apple GPU', maxBufferSize: 40 * 2 ** 30 });
    expect(large.rows.map(({ name }) => name)).not.toContain('M1 Pro');
    expect(large.rows.map(({ name }) => name)).toContain('M1 Max');
    expect(large.notes.join()).toContain('40 GiB');
  });

  test.each([
    ['NVIDIA GeForce GTX 980, or similar', 'nvidia'],
    ['Radeon R9 200 Series, or similar', 'amd'],
    ['Intel(R) HD Graphics 400, or similar', 'intel'],
    ['ANGLE (NVIDIA, NVIDIA GeForce GTX 980 Direct3D11 vs_5_0 ps_5_0), or similar', 'nvidia'],
    ['ANGLE (AMD, Radeon R9 200 Series Direct3D11 vs_5_0 ps_5_0), or similar', 'amd'],
    // Were it a model of the table, it would name a class all the same.
    ['NVIDIA GeForce RTX 3060, or similar', 'nvidia'],
  ])('"%s" names no model', (text, vendor) => {
    const { kind, rows } = renderer(text);
    expect(kind).toBe('class');
    expect(rows).toEqual(gpuRows.filter(row => row.vendor === vendor));
  });
});

describe('together', () => {
  test('the narrower one counts', () => {
    const nvidia = { vendor: 'nvidia', architecture: 'ampere' };
    const d3d = 'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)';
    expect(recognise({ ...nvidia, renderer: d3d }).name).toBe('GeForce RTX 3060');
    const firefox = recognise({ ...nvidia, renderer: 'NVIDIA GeForce GTX 980, or similar' });
    expect(firefox.kind).toBe('class');
    expect(firefox.rows.every(({ generation }) => generation === 'ampere')).toBe(true);
  });

  test('a name counts more than the vendor of another adapter', () => {
    const found = recognise({ vendor: 'intel', renderer: 'NVIDIA GeForce RTX 3060' });
    expect(found).toMatchObject({ kind: 'model', name: 'GeForce RTX 3060' });
    expect(found.notes).toEqual(['WebGPU says some GPU by Intel: that is less narrow, and is passed over.']);
  });

  test('what contradicts is said: WebGL on the other GPU of a laptop', () => {
    const found = recognise({
      vendor: 'nvidia',
      architecture: 'lovelace',
      description: 'NVIDIA GeForce RTX 4070 Laptop GPU',
      renderer: 'ANGLE (Intel, Intel(R) Graphics Direct3D11 vs_5_0 ps_5_0, D3D11)',
    });
    expect(found.name).toBe('GeForce RTX 4070 Laptop');
    expect(found.notes).toEqual([
      'WebGL says some integrated GPU by Intel: that is less narrow, and is passed over.',
    ]);
  });

  test('an unknown GPU is every common one, never none', () => {
    const found = recognise({ vendor: 'imagination', architecture: 'rogue' });
    expect(found.kind).toBe('unknown');
    expect(found.rows.length).toBeGreaterThan(100);
    expect(found.notes.join()).toContain('type in its power');
    expect(recognise({}).kind).toBe('unknown');
  });
});
