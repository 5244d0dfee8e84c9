/**
 * Opens a WebGPU device with all that the adapter offers and we can use: its largest buffers, and the optional
 * features `shader-f16`, `subgroups` and `timestamp-query` where it has them. Free of DOM: `GPU` is handed in, so
 * the same code runs in a page, in a worker and in Node through Dawn.
 */

export interface Gpu {
  readonly device: GPUDevice;
  readonly limits: GPUSupportedLimits;
  readonly info: GPUAdapterInfo;
  readonly features: ReadonlySet<string>;
  /** True for an adapter that computes on the CPU. */
  readonly software: boolean;
}

/** No adapter, or no device: the message says what the user can do. */
export class NoWebGpuError extends Error {
  override readonly name = 'NoWebGpuError';
}

const optionalFeatures = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

/**
 * Limits that we ask for at the adapter's maximum; all others stay at WebGPU's defaults, so kernels run anywhere. Kernels
 * that need more workgroup memory than the default are choices beside one that does not.
 */
const raisedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
] as const;

/** @throws NoWebGpuError */
export async function openGpu(
  gpu: GPU | undefined,
  powerPreference: GPUPowerPreference = 'high-performance',
): Promise<Gpu> {
  if (!gpu)
    throw new NoWebGpuError('This browser has no WebGPU. Use a current Chrome, Edge, Safari or Firefox.');
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) {
    throw new NoWebGpuError(
      'This browser has WebGPU but found no graphics adapter for it. Turn on hardware acceleration, or start ' +
        'Chrome with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader to compute on the CPU.',
    );
  }
  const requiredFeatures = optionalFeatures.filter(feature =>
    adapter.features.has(feature),
  ) as GPUFeatureName[];
  const requiredLimits: Record<string, number> = {};
  for (const limit of raisedLimits) requiredLimits[limit] = adapter.limits[limit];
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  return {
    device,
    limits: device.limits,
    info: adapter.info,
    features: new Set(device.features),
    software: isSoftware(adapter.info),
  };
}

/** True for an adapter that computes on the CPU. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  return /swiftshader|llvmpipe|lavapipe|software|basic render/.test(words) || info.isFallbackAdapter === true;
}
