/** Bytes of a plan's spaces by what they hold. */
import type { MemorySummary } from './api.ts';

/**
 * @param bytes of the buffers of every space
 * @param data bytes of the rank's part of the data set, in main memory
 */
export function memoryOf(bytes: Readonly<Record<string, number>>, data: number): MemorySummary {
  const of = (...spaces: string[]) => spaces.reduce((sum, space) => sum + (bytes[space] ?? 0), 0);
  return {
    parameters: of('parameters'),
    gradients: of('gradients'),
    optimizer: of('moment1', 'moment2', 'average', 'hyper', 'norm'),
    activations: of('arena', 'partials'),
    inputs: of('inputs'),
    exchange: of('exchange', 'reduction', 'wire'),
    data,
    total: of(...Object.keys(bytes)),
  };
}
