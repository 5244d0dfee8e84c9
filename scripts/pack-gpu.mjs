// npm run bench -- gpu: bench/gpu as a folder that runs by itself on a machine with nothing but a GPU and Node.
import { spawnSync } from 'node:child_process';
import { copyFile, cp, mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { root } from './setup.mjs';

const readme = `# Isobar on a real GPU
\`node run.mjs [--sizes small|full] [--only products,convolutions,passes,steps,variants] [--models NAME,...] [--tune FILE] [--json FILE]\`, on Linux x64, without a network; \`sh run.sh\` instead where Node was packed too.
It needs a Vulkan driver, uses PyTorch beside it where \`python3\` (or \`--python PROGRAM\`) has it, and ends with 0 if everything that it timed was right.
With \`--tune FILE\` steps are measured again with the fastest forms of their products, which FILE keeps. The kernels are in \`shaders/\`: edit one and run again.
`;

/**
 * Packs, and runs the pack at once where no folder is named for it.
 *
 * @param {readonly string[]} args what follows `gpu` on the command line
 * @returns {Promise<number>} exit status
 */
export async function benchGpu(args) {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { pack: { type: 'string' }, 'with-node': { type: 'boolean', default: false } },
    strict: false,
    tokens: true,
  });
  if (typeof values.pack === 'string') {
    await pack(values.pack, values['with-node'] === true);
    console.log(`Packed: node ${join(values.pack, 'run.mjs')}`);
    return 0;
  }
  if (tokens.some(token => token.kind === 'option' && ['pack', 'with-node'].includes(token.name))) {
    console.error('npm run bench -- gpu --pack DIR [--with-node]');
    return 2;
  }
  const folder = join(tmpdir(), `isobar-gpu-pack-${process.pid}`);
  try {
    await pack(folder, false);
    return spawnSync(process.execPath, [join(folder, 'run.mjs'), ...args], { stdio: 'inherit' }).status ?? 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {boolean} withNode the Node that runs this goes too, compressed
 */
async function pack(folder, withNode) {
  await mkdir(folder, { recursive: true });
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    plugins: [shadersBeside()],
    build: {
      ssr: 'bench/gpu/main.ts',
      outDir: resolve(folder),
      emptyOutDir: false,
      copyPublicDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'bench.mjs', codeSplitting: false } },
    },
    ssr: { noExternal: true },
  });
  const from = (/** @type {string} */ path) => join(root, path);
  const to = (/** @type {string} */ path) => join(folder, path);
  for (const sub of ['shaders', 'dawn', 'lib']) await mkdir(to(sub), { recursive: true });
  for (const source of ['shaders', 'bench/kernels']) {
    for (const file of await readdir(from(source))) {
      if (file.endsWith('.wgsl')) await copyFile(join(from(source), file), to(`shaders/${file}`));
    }
  }
  await cp(from('shaders/prelude'), to('shaders/prelude'), { recursive: true });
  for (const file of ['run.mjs', 'run.sh', 'torch_bench.py', 'torch_models.py'])
    await copyFile(from(`bench/gpu/${file}`), to(file));
  await cp(from('node_modules/webgpu/dist/linux-x64'), to('dawn'), { recursive: true });
  await copyFile(from('node_modules/webgpu/LICENSE.md'), to('dawn/LICENSE.md'));
  await copyFile(await vulkanLoader(), to('lib/libvulkan.so.1'));
  await writeFile(to('README.md'), readme);
  if (withNode) compress(process.execPath, to('node.xz'));
}

/**
 * The bundle reads shaders from its folder.
 *
 * @returns {import('vite').Plugin}
 */
function shadersBeside() {
  return {
    name: 'shaders-beside',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith('/shaders.ts')) return undefined;
      const resolved = await this.resolve(source, importer, { skipSelf: true });
      return resolved?.id === join(root, 'src/gpu/shaders.ts')
        ? join(root, 'bench/gpu/shader-folder.ts')
        : resolved;
    },
  };
}

/** The Vulkan loader of this machine, for one that has a driver and no loader. */
async function vulkanLoader() {
  const { stdout } = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' });
  const path = /libvulkan\.so\.1 .*x86-64.* => (\S+)/.exec(stdout ?? '')?.[1];
  if (path === undefined)
    throw new Error('There is no libvulkan.so.1 here to pack. Install it (Debian: libvulkan1).');
  return realpath(path);
}

/**
 * @param {string} file
 * @param {string} to
 */
function compress(file, to) {
  const { status } = spawnSync('sh', ['-c', 'xz -T0 -6 -c "$0" >"$1"', file, to], { stdio: 'inherit' });
  if (status !== 0) throw new Error('xz, which packs Node, failed or is not here (Debian: xz-utils).');
}
