/** How long a dispatch takes on a device that is described by rates. */
import type { DispatchStep } from '../plan/plan.ts';

export interface DeviceRates {
  /** Of products, and of convolutions where they have no rate of their own. */
  readonly flopsPerSecond: number;
  readonly convolutionFlopsPerSecond?: number;
  /** Of all other kernels: what they read and write. */
  readonly bytesPerSecond: number;
  /**
   * Of products too, which then take as long as their operations or as their bytes; where absent, bytes of products cost
   * nothing beside the operations.
   */
  readonly productBytesPerSecond?: number;
  readonly secondsPerDispatch: number;
}

export function secondsOf({ work }: DispatchStep, rates: DeviceRates): number {
  const { kernel, flops, read, written } = work;
  const { flopsPerSecond, convolutionFlopsPerSecond = flopsPerSecond, productBytesPerSecond } = rates;
  if (kernel !== 'product' && kernel !== 'convolution')
    return rates.secondsPerDispatch + (read + written) / rates.bytesPerSecond;
  const computing = flops / (kernel === 'product' ? flopsPerSecond : convolutionFlopsPerSecond);
  const moving = productBytesPerSecond === undefined ? 0 : (read + written) / productBytesPerSecond;
  return rates.secondsPerDispatch + Math.max(computing, moving);
}
