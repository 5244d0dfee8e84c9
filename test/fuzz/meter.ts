/**
 * What a call costs: no less than what it held at any one time.
 *
 * - Bytes of buffers, all that were made during the call, freed or not: the constructors of `ArrayBuffer` and of the
 *   typed arrays are replaced by ones that count (methods such as `slice` and `map` make their results by the same).
 * - Bytes of JavaScript's heap: the most that were in use during the call, or all that was allocated in it, whichever is
 *   less. Use only falls in a collection, so the engine's own figures from before and after each of them hold the most
 *   (and the least, which garbage from before the call is in no longer), and their differences what was freed. Garbage of
 *   the call counts until it is collected: to measure closely, keep the young generation small
 *   (`--max-semi-space-size=1`).
 * - Time of the processor, not of the clock: a machine that is busy with other things makes nothing slow.
 *
 * What native code allocates of its own accord (text decoders, decompressors, blobs) is not counted.
 */
import { GCProfiler, getHeapStatistics } from 'node:v8';

const counted = [
  ...[
    ArrayBuffer,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
] as const;
type Counted = (typeof counted)[number];

export interface Cost {
  readonly cpuMs: number;
  readonly bytes: number;
}

/** Thrown into a call that has allocated too much, so that it does not go on to fill the machine. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

export interface Metered extends Cost {
  /** What was thrown, if anything. */
  readonly thrown?: { readonly error: unknown };
}

/** @param mostBytes of buffers, beyond which nothing more is allocated */
export async function metered(call: () => unknown, mostBytes: number): Promise<Metered> {
  const profiler = new GCProfiler();
  let thrown: Metered['thrown'];
  const buffers = countBuffers(mostBytes);
  profiler.start();
  const heapBefore = getHeapStatistics().used_heap_size;
  const cpuBefore = process.cpuUsage();
  try {
    await call();
  } catch (error) {
    thrown = { error };
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const heapAfter = getHeapStatistics().used_heap_size;
  const collections = profiler.stop()?.statistics ?? [];
  buffers.stop();
  const before = collections.map(({ beforeGC }) => beforeGC.heapStatistics.usedHeapSize);
  const after = collections.map(({ afterGC }) => afterGC.heapStatistics.usedHeapSize);
  const inUse = Math.max(heapAfter, ...before) - Math.min(heapBefore, ...after);
  const freed = before.reduce((sum, bytes, i) => sum + bytes - after[i], 0);
  const heap = Math.max(0, Math.min(inUse, heapAfter - heapBefore + freed));
  return { cpuMs: (user + system) / 1000, bytes: buffers.bytes() + heap, thrown };
}

function countBuffers(most: number): { bytes(): number; stop(): void } {
  let bytes = 0;
  const count = (more: number) => {
    bytes += more;
    if (bytes > most) throw new TooMuch(`${bytes} bytes of buffers are asked for`);
  };
  const handler: ProxyHandler<Counted> = {
    construct(target, parameters: unknown[]) {
      const [first] = parameters;
      const width = 'BYTES_PER_ELEMENT' in target ? target.BYTES_PER_ELEMENT : 1;
      const isView = first instanceof ArrayBuffer || first instanceof SharedArrayBuffer;
      if (typeof first === 'number') count(first * width);
      // Made by the constructor itself rather than by the one in its place: it would be of another class to the engine.
      const made: { readonly byteLength: number } = Reflect.construct(target, parameters);
      if (typeof first !== 'number' && !isView) count(made.byteLength);
      return made;
    },
  };
  for (const original of counted) put(original, new Proxy(original, handler));
  return {
    bytes: () => bytes,
    stop() {
      for (const original of counted) put(original, original);
    },
  };
}

/** Has code find another constructor by a global's name, and methods by that of the value that they are called on. */
function put(original: Counted, replacement: Counted): void {
  Object.defineProperty(globalThis, original.name, {
    value: replacement,
    writable: true,
    configurable: true,
  });
  Object.defineProperty(original.prototype, 'constructor', {
    value: replacement,
    writable: true,
    configurable: true,
  });
}
