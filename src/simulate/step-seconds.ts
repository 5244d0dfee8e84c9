/** How long a dispatch takes on a device that is described by rates. */
import type { DispatchStep } from '../plan/plan.ts';

export interface DeviceRates {
  /** Of products. */
  readonly flopsPerSecond: number;
  /** Of all other kernels: what they read and write. */
  readonly bytesPerSecond: number;
  readonly secondsPerDispatch: number;
}

export function secondsOf({ work }: DispatchStep, rates: DeviceRates): number {
  const { kernel, flops, read, written } = work;
  const seconds =
    kernel === 'product' ? flops / rates.flopsPerSecond : (read + written) / rates.bytesPerSecond;
  return rates.secondsPerDispatch + seconds;
}
