/** The page of `npm run bench -- conv`: convolutions of ResNet-50, a row for each layer and direction. */
import { openGpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { benchLayer, type LayerResult } from './convolutions.ts';
import { directions, resnetLayers } from './layers.ts';
import { openJax, openTfjs } from './libraries.ts';

const REPETITIONS = 3;

const report = document.querySelector('#report');

function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

const libraries = ['isobar', 'tfjs', 'jax-js'];

function row({ layer, direction, gflop, ms, relativeError }: LayerResult): string {
  const rates = libraries.map(library => ((gflop / ms[library]) * 1000).toFixed(2).padStart(8)).join('');
  const ratios = libraries.slice(1).map(library => `${(ms[library] / ms.isobar).toFixed(1)}x`.padStart(8));
  const error = Math.max(...Object.values(relativeError)).toExponential(0);
  return `${layer.padEnd(28)}${direction.padEnd(9)}${rates}${ratios.join('')}  ${error}`;
}

const gpu = await openGpu(navigator.gpu);
const pipelines = new PipelineCache(gpu.device);
await openTfjs();
await openJax();
print(`adapter: ${gpu.info.vendor} ${gpu.info.architecture} ${gpu.info.description}`.trim());
const head = libraries.map(name => name.padStart(8)).join('');
print(`\n${'convolutions, GFLOP/s'.padEnd(37)}${head} faster than tfjs, jax-js; error`);
const asked = new URLSearchParams(location.search).get('layers');
const results: LayerResult[] = [];
for (const layer of resnetLayers.filter(({ name }) => asked === null || name.includes(asked))) {
  for (const direction of directions) {
    const result = await benchLayer(gpu, pipelines, layer, direction, REPETITIONS);
    results.push(result);
    print(row(result));
  }
}
window.__benchResult = { adapter: gpu.info.description, layers: results };
