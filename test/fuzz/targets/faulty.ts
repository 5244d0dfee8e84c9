/** Has every fault that the fuzzer is for: what the fuzzer itself is tried with. */
import { bytesOf, inputOf, type Target } from '../target.ts';

/** By the one byte of an input. */
export const faults: Readonly<Record<string, () => unknown>> = {
  none: () => undefined,
  allowed() {
    throw new SyntaxError('the input is at fault');
  },
  'another error'() {
    throw new TypeError('the reader is at fault');
  },
  'a buffer': () => new Float64Array(2 ** 23),
  'a buffer that is not there': () => new Uint8Array(2 ** 45),
  'copies of a buffer'() {
    let copy = new Float32Array(2 ** 20);
    for (let i = 0; i < 8; i++) copy = copy.map(value => value);
  },
  'a list': () => Array.from({ length: 2 ** 22 }, (_, i) => i),
  slow() {
    const end = process.cpuUsage().user + 1e5;
    while (process.cpuUsage().user < end);
  },
  endless() {
    for (;;);
  },
  exit: () => process.exit(3),
};
const kinds = Object.values(faults);

export const faultyTarget: Target = {
  name: 'faulty',
  about: 'every fault there is, none of it of Isobar',
  allows: error => error instanceof SyntaxError,
  corpus: async () => kinds.map((_, i) => inputOf('fault', Uint8Array.of(i))),
  mutate: input => input,
  run: input => kinds[bytesOf(input)[0]](),
};
