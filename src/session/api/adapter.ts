/** What a page may know of a graphics adapter. */
import type { Gpu } from '../../gpu/device.ts';

export interface AdapterSummary {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly features: readonly string[];
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
  /** True for a CPU adapter such as SwiftShader or llvmpipe. */
  readonly software: boolean;
}

export function adapterSummary({ info, features, limits, software }: Gpu): AdapterSummary {
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    description: info.description,
    features: [...features],
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxBufferSize: limits.maxBufferSize,
    software,
  };
}
