/** What a target of the fuzzer is: a reader of bytes that come from elsewhere, and inputs to begin with. */
import type { Random } from './random.ts';

/** The files of an input by name; most inputs are one. */
export type Input = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface Target {
  readonly name: string;
  /** What is read, and what of it is changed, in a line for people. */
  readonly about: string;
  /** Whether the reader may throw this: an error that says what is wrong with the input. */
  allows(error: unknown): boolean;
  /** Valid inputs, the same on every machine; none where they are not at hand. */
  corpus(): Promise<readonly Input[]>;
  /** @param corpus of the target, to take parts of */
  mutate(input: Input, random: Random, corpus: readonly Input[]): Input;
  /** Reads the input as the page would. What it throws, and `allows` does not, is a finding. */
  run(input: Input): unknown;
}

export const inputOf = (name: string, bytes: Uint8Array<ArrayBuffer>): Input => new Map([[name, bytes]]);

export const textInput = (name: string, text: string): Input => inputOf(name, encode(text));

/** The one file of an input. */
export const bytesOf = (input: Input): Uint8Array<ArrayBuffer> => [...input.values()][0];

export const nameOf = (input: Input): string => [...input.keys()][0];

export const textOf = (input: Input): string => new TextDecoder().decode(bytesOf(input));

export const encode = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(new TextEncoder().encode(text));

/** Bytes of all files. */
export const sizeOf = (input: Input): number =>
  [...input.values()].reduce((sum, { length }) => sum + length, 0);
