/** One device and one pipeline cache for all tests of a file: pipelines are slow to make on a software adapter. */
import { type Gpu, openGpu } from '../../src/gpu/device.ts';
import { PipelineCache } from '../../src/gpu/pipelines.ts';

let opened: Promise<{ gpu: Gpu; pipelines: PipelineCache }> | undefined;

export function testGpu(): Promise<{ gpu: Gpu; pipelines: PipelineCache }> {
  opened ??= openGpu(navigator.gpu).then(gpu => ({ gpu, pipelines: new PipelineCache(gpu.device) }));
  return opened;
}

let shared: Promise<Gpu> | undefined;

/**
 * A device for sessions and ranks that come and go in one thread: the same each time, with what it has compiled, as
 * pipelines are slow to make on a software adapter. They share nothing else. It cannot be closed: who tests the loss of a
 * device opens one with `openGpu`.
 */
export function sharedGpu(): Promise<Gpu> {
  shared ??= openGpu(navigator.gpu).then(gpu => {
    const { device } = gpu;
    const modules = remembered(device.createShaderModule.bind(device), ({ code }) => code);
    const names = new Map<GPUShaderModule, number>();
    device.createShaderModule = descriptor => {
      const module = modules(descriptor);
      if (!names.has(module)) names.set(module, names.size);
      return module;
    };
    device.createComputePipelineAsync = remembered(
      device.createComputePipelineAsync.bind(device),
      ({ compute: { module, constants } }) => `${names.get(module)} ${JSON.stringify(constants)}`,
    );
    device.destroy = () => {};
    return gpu;
  });
  return shared;
}

/** `make`, which is asked once for each key. */
function remembered<Asked, Made>(make: (asked: Asked) => Made, keyOf: (asked: Asked) => string) {
  const made = new Map<string, Made>();
  return (asked: Asked): Made => {
    const key = keyOf(asked);
    const kept = made.get(key) ?? make(asked);
    made.set(key, kept);
    return kept;
  };
}
