/** A rank at work: a device on which kernels follow each other without end. Says when it has begun. */
import { measureSpeed } from '../src/engine/speed-test.ts';
import { openGpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';

const gpu = await openGpu(navigator.gpu);
const pipelines = new PipelineCache(gpu.device);
await measureSpeed(gpu, pipelines);
postMessage([]);
for (;;) await measureSpeed(gpu, pipelines);
