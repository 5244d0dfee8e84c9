/** How long a dispatch takes on a device that is described by rates. */
import type { DispatchStep } from '../plan/plan.ts';

export interface DeviceRates {
  /** Of products, convolutions among them. */
  readonly flopsPerSecond: number;
  /** Of all other kernels: what they read and write. */
  readonly bytesPerSecond: number;
  readonly secondsPerDispatch: number;
}

export function secondsOf({ work }: DispatchStep, rates: DeviceRates): number {
  const { kernel, flops, read, written } = work;
  const isProduct = kernel === 'product' || kernel === 'convolution';
  const seconds = isProduct ? flops / rates.flopsPerSecond : (read + written) / rates.bytesPerSecond;
  return rates.secondsPerDispatch + seconds;
}
