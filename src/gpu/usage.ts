/**
 * What buffers are used for. WebGPU's own constants (`GPUBufferUsage`, `GPUMapMode`) exist only where a page has WebGPU,
 * not in Node, where all but the device is tested.
 */
const MAP_READ = 0x0001;
const COPY_SRC = 0x0004;
const COPY_DST = 0x0008;
const UNIFORM = 0x0040;
const STORAGE = 0x0080;
const QUERY_RESOLVE = 0x0200;

export const usage = {
  /** Bound by kernels, written and read by the host through copies. */
  storage: STORAGE | COPY_DST | COPY_SRC,
  /** Params of kernels. */
  uniform: UNIFORM | COPY_DST,
  /** Read by the host, when mapped. */
  readBack: MAP_READ | COPY_DST,
  /** Written and read by copies only. */
  copied: COPY_SRC | COPY_DST,
  /** Timestamps as the device writes them. */
  timestamps: QUERY_RESOLVE | COPY_SRC,
} as const;

/** GPUMapMode.READ */
export const MAP_FOR_READING = 0x0001;
