/** One device and one pipeline cache for all tests of a file: pipelines are slow to make on a software adapter. */
import { type Gpu, openGpu } from '../../src/gpu/device.ts';
import { PipelineCache } from '../../src/gpu/pipelines.ts';

let opened: Promise<{ gpu: Gpu; pipelines: PipelineCache }> | undefined;

export function testGpu(): Promise<{ gpu: Gpu; pipelines: PipelineCache }> {
  opened ??= openGpu(navigator.gpu).then(gpu => ({ gpu, pipelines: new PipelineCache(gpu.device) }));
  return opened;
}
