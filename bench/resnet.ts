/**
 * The page of `npm run bench -- resnet`: a training step of ResNet-18 on 32 x 32 beside other libraries, and where its time
 * goes; or, with 50, whether ResNet-50 trains.
 */
import { openGpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { kernelTimes } from './kernel-times.ts';
import { openJax, openTfjs } from './libraries.ts';
import { FIFTY, fiftyTrainer } from './resnet-fifty.ts';
import { benchResNet } from './resnet-step.ts';

const report = document.querySelector('#report');

function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

const gpu = await openGpu(navigator.gpu);
const pipelines = new PipelineCache(gpu.device);
print(`adapter: ${gpu.info.vendor} ${gpu.info.architecture} ${gpu.info.description}`.trim());

async function stepBeside() {
  await openTfjs();
  await openJax();
  const { trainer, ...result } = await benchResNet(gpu, pipelines);
  print(
    `\ntraining step of ResNet-18, ${result.batch} images of 32 x 32 (${result.gflop.toFixed(2)} GFLOP; losses and ` +
      `gradients within ${result.error.toExponential(0)})`,
  );
  for (const [library, ms] of Object.entries(result.ms)) {
    const times = (ms / result.ms.isobar).toFixed(1);
    print(`${library.padEnd(34)}${ms.toFixed(0).padStart(8)} ms ${times.padStart(7)}x`);
  }
  const kernels = await kernelTimes(gpu, pipelines, trainer.plan, trainer.spaces, 2);
  print(`\n${'kernels of the step'.padEnd(22)}dispatches      ms  GFLOP/s  slowest`);
  for (const { shader, dispatches, ms, gflops, slowest } of kernels ?? []) {
    const rate = gflops > 0.005 ? gflops.toFixed(2) : '';
    print(
      `${shader.padEnd(22)}${String(dispatches).padStart(10)}${ms.toFixed(1).padStart(8)}${rate.padStart(9)}  ` +
        `${slowest.ms.toFixed(1)} ${slowest.label}`,
    );
  }
  trainer.destroy();
  return { ...result, kernels };
}

/** @throws Error where its loss does not fall */
async function trainFifty() {
  const { batch, size, steps } = FIFTY;
  const { trainer, step } = await fiftyTrainer(gpu, pipelines);
  const started = performance.now();
  for (let i = 0; i < steps; i++) await step();
  const { losses } = await trainer.losses.readSteps();
  const seconds = (performance.now() - started) / 1000;
  trainer.destroy();
  print(`\nResNet-50, ${steps} steps with ${batch} images of ${size} x ${size}: ${seconds.toFixed(0)} s`);
  print(`losses ${losses.map(loss => loss.toFixed(3)).join(' ')}`);
  if (!(losses[steps - 1] < losses[0] / 2)) throw new Error('the loss of ResNet-50 did not fall to a half');
  return { seconds, losses };
}

const fifty = new URLSearchParams(location.search).get('depth') === '50';
const result = fifty ? await trainFifty() : await stepBeside();
window.__benchResult = { adapter: gpu.info.description, ...result };
