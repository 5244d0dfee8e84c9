/** PyTorch beside us on the same GPU: a process that answers one job after the other, where Python has PyTorch. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Direction, type Layer, shapesOf } from '../layers.ts';
import type { BenchModel, Product } from './models.ts';
import type { Pass } from './passes.ts';
import type { StepStart } from './steps.ts';
import type { Effort, Timing } from './timing.ts';

type TorchTiming = Pick<Timing, 'ms' | 'low' | 'high' | 'repetitions'>;

/** What it answers where it could not: not enough memory, for instance. */
export interface TorchError {
  readonly error: string;
}

export interface Torch {
  readonly version: string;
  readonly device: string;
  product(product: Product): Promise<TorchTiming | TorchError>;
  convolution(layer: Layer, images: number, direction: Direction): Promise<TorchTiming | TorchError>;
  pass(pass: Pass): Promise<TorchTiming | TorchError>;
  step(model: BenchModel): Promise<(TorchTiming & { readonly bytes: number }) | TorchError>;
  /** The first losses from our parameters and batch, without dropout; `file` is written for it. */
  losses(
    model: BenchModel,
    start: StepStart,
    steps: number,
    file: string,
  ): Promise<{ readonly losses: readonly number[] } | TorchError>;
  close(): void;
}

/** @returns undefined where `python` is not there or has no PyTorch */
export async function openTorch(python: string, script: string, effort: Effort): Promise<Torch | undefined> {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting: ((line: string | undefined) => void)[] = [];
  const settleAll = () => {
    for (const settle of waiting.splice(0)) settle(undefined);
  };
  createInterface({ input: child.stdout }).on('line', line => waiting.shift()?.(line));
  child.on('error', settleAll).on('close', settleAll);
  child.stdin.on('error', () => {});
  const nextLine = () => new Promise<string | undefined>(resolve => waiting.push(resolve));

  const greeting = await nextLine();
  if (greeting === undefined) return undefined;
  const { torch: version, device }: { torch: string; device: string } = JSON.parse(greeting);
  const ask = async <Answer>(job: object): Promise<Answer | TorchError> => {
    if (child.exitCode !== null) return { error: 'the Python process is gone' };
    child.stdin.write(`${JSON.stringify({ effort, ...job })}\n`);
    const line = await nextLine();
    return line === undefined ? { error: 'the Python process ended' } : JSON.parse(line);
  };
  return {
    version,
    device,
    product: ({ a, b, attributes }) => ask({ kind: 'product', a, b, ...attributes }),
    convolution: (layer, images, direction) =>
      ask({ kind: 'convolution', direction, stride: layer.stride, ...shapesOf(layer, images) }),
    pass: ({ kind, shape }) => ask({ kind: 'pass', name: kind, shape }),
    step: model => ask({ ...model, kind: 'step' }),
    losses(model, { layout, flat, inputs }, steps, file) {
      const parameters = layout.entries.map(({ offset, size }) => flat.subarray(offset, offset + size));
      const bytes = [...parameters, ...Object.values(inputs)].map(
        ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
      );
      writeFileSync(file, Buffer.concat(bytes));
      const names = layout.entries.map(({ name }) => name);
      return ask({ ...model, kind: 'losses', steps, file, names });
    },
    close: () => child.stdin.end(),
  };
}
