/** The bench page: runs every section, prints a table, and leaves the figures where the command finds them. */
import { openGpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { demoProducts } from './demo.ts';
import { benchKernels } from './kernel-times.ts';
import { openJax, openTfjs } from './libraries.ts';
import { benchProduct, type ProductResult, squares } from './products.ts';
import { benchStep } from './training-step.ts';

declare global {
  interface Window {
    __benchResult?: unknown;
  }
}

const report = document.querySelector('#report');

function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

const libraries = ['isobar', 'tfjs', 'jax-js'];

function productRow({ name, gflops, ms, relativeError }: ProductResult): string {
  const rates = libraries.map(library => gflops[library].toFixed(2).padStart(8)).join('');
  const ratios = libraries.slice(1).map(library => `${(ms[library] / ms.isobar).toFixed(1)}x`.padStart(8));
  const error = Math.max(...Object.values(relativeError)).toExponential(0);
  return `${name.padEnd(34)}${rates}${ratios.join('')}  ${error}`;
}

const gpu = await openGpu(navigator.gpu);
const pipelines = new PipelineCache(gpu.device);
await openTfjs();
await openJax();
print(`adapter: ${gpu.info.vendor} ${gpu.info.architecture} ${gpu.info.description}`.trim());

const started = performance.now();
print(
  `\n${'products, GFLOP/s'.padEnd(34)}${libraries.map(name => name.padStart(8)).join('')} faster than tfjs, jax-js; error`,
);
const products: ProductResult[] = [];
for (const product of [...squares, ...demoProducts()]) {
  const large = product.name === '1024 cubed';
  const result = await benchProduct(gpu, pipelines, product, large ? 3 : 7);
  products.push(result);
  print(productRow(result));
}

const step = await benchStep(gpu, pipelines);
print(
  `\ntraining step of demo (${step.gflop.toFixed(2)} GFLOP; losses within ${step.lossError.toExponential(0)})`,
);
for (const [library, ms] of Object.entries(step.ms)) {
  print(
    `${library.padEnd(34)}${ms.toFixed(0).padStart(8)} ms ${(ms / step.ms.isobar).toFixed(1).padStart(7)}x`,
  );
}

const kernels = await benchKernels(gpu, pipelines);
print(`\n${'kernels of the step'.padEnd(22)}dispatches      ms  GFLOP/s  slowest`);
for (const { shader, dispatches, ms, gflops, slowest } of kernels ?? []) {
  const rate = gflops > 0 ? gflops.toFixed(2) : '';
  print(
    `${shader.padEnd(22)}${String(dispatches).padStart(10)}${ms.toFixed(1).padStart(8)}${rate.padStart(9)}  ` +
      `${slowest.ms.toFixed(1)} ${slowest.label}`,
  );
}
if (!kernels) print('this adapter has no timestamp queries');

print(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
window.__benchResult = { adapter: gpu.info.description, products, step, kernels };
