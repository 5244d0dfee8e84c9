/**
 * The cases of a target: each follows from the target's name, a seed and its number alone, so that any one of them can
 * be run again by itself.
 */
import { metered, TooMuch } from './meter.ts';
import { randomOf } from './random.ts';
import { type Input, sizeOf, type Target } from './target.ts';

/** What is wrong: an error that says nothing of the input, too slow, too large, or the process ended. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly kind: 'error' | 'time' | 'memory' | 'end';
  readonly detail: string;
}

/** What a reader may take. */
export interface Bounds {
  readonly cpuMs: number;
  /** Memory: so many times its input, and so many bytes besides. */
  readonly timesInput: number;
  readonly bytesBesides: number;
}

export const defaultBounds: Bounds = { cpuMs: 1000, timesInput: 4, bytesBesides: 16 * 2 ** 20 };

export function inputOfCase(target: Target, corpus: readonly Input[], seed: number, index: number): Input {
  const random = randomOf(target.name, seed, index);
  return target.mutate(random.pick(corpus), random, corpus);
}

export interface Outcome {
  /** What is wrong with it, if anything. */
  readonly finding?: Finding;
  /** Whether the input was read, rather than refused. */
  readonly isRead: boolean;
}

export async function runCase(
  target: Target,
  input: Input,
  { seed, index }: Pick<Finding, 'seed' | 'index'>,
  bounds: Bounds = defaultBounds,
): Promise<Outcome> {
  const size = sizeOf(input);
  const most = bounds.timesInput * size + bounds.bytesBesides;
  const { cpuMs, bytes, thrown } = await metered(() => target.run(input), most);
  const found = (kind: Finding['kind'], detail: string): Outcome => ({
    finding: { target: target.name, seed, index, kind, detail },
    isRead: !thrown,
  });
  if (bytes > most || thrown?.error instanceof TooMuch) {
    return found('memory', `${bytes} bytes allocated for an input of ${size}; at most ${most} are in order`);
  }
  if (cpuMs > bounds.cpuMs) {
    return found(
      'time',
      `${Math.round(cpuMs)} ms for an input of ${size} bytes; at most ${bounds.cpuMs} are in order`,
    );
  }
  if (thrown && !target.allows(thrown.error)) return found('error', wordsOf(thrown.error));
  return { isRead: !thrown };
}

/** The error and where it was thrown. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return `${String(error)} was thrown, which is no error`;
  const [at = ''] = error.stack?.match(/^ +at .*$/m) ?? [];
  return `${error.name}: ${error.message.slice(0, 500)}${at && `\n  ${at.trim()}`}`;
}
