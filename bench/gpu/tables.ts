/** The rows of the printed tables. */
import type { FormTiming } from './form-bench.ts';
import type { Peak } from './machine.ts';
import type { StepResult } from './steps.ts';
import type { Timing } from './timing.ts';
import type { TorchError } from './torch.ts';

type Theirs = Pick<Timing, 'ms'> | TorchError | undefined;

const NAME = 62;

export function rateRow(name: string, ours: FormTiming, theirs: Theirs, peak: Peak | undefined): string {
  const rate = (ms: number) => ours.flops / ms / 1e9;
  return [
    name.padEnd(NAME),
    times(ours),
    significant(rate(ours.ms)).padStart(9),
    share(rate(ours.ms) * 1e12, peak?.flops),
    beside(ours.ms, theirs, ms => significant(rate(ms))),
    Math.max(ours.sampleError, ours.fullError).toExponential(0).padStart(6),
  ].join(' ');
}

export function bandwidthRow(
  name: string,
  bytes: number,
  ours: Timing,
  theirs: Theirs,
  peak: Peak | undefined,
): string {
  const rate = (ms: number) => bytes / ms / 1e6;
  return [
    name.padEnd(NAME),
    times(ours),
    significant(rate(ours.ms)).padStart(9),
    share(rate(ours.ms) * 1e9, peak?.bandwidth),
    beside(ours.ms, theirs, ms => significant(rate(ms))),
  ].join(' ');
}

export function stepRow(name: string, ours: StepResult, theirs: Theirs, peak: Peak | undefined): string {
  const { device, host, flops, dispatches, bytes, losses, kernels } = ours;
  const tera = flops / host.ms / 1e9;
  const row = [
    name.padEnd(20),
    times(device),
    significant(host.ms).padStart(9),
    significant(tera).padStart(9),
    share(tera * 1e12, peak?.flops),
    beside(host.ms, theirs, significant),
  ].join(' ');
  const facts = `  ${dispatches} dispatches, ${significant(bytes / 2 ** 20)} MiB, loss ${significant(losses[0])} to ${significant(losses[losses.length - 1])}`;
  const slowest = (kernels ?? []).map(kernel => {
    const rate = kernel.gflops > 0 ? `, ${significant(kernel.gflops / 1000)} TFLOP/s` : '';
    return `  ${kernel.shader.padEnd(26)}${String(kernel.dispatches).padStart(4)} in ${significant(kernel.ms)} ms${rate}`;
  });
  return [row, facts, ...slowest].join('\n');
}

/** `what` says their time as ours is said; then how many times faster ours is. */
function beside(ms: number, theirs: Theirs, what: (ms: number) => string): string {
  if (!theirs) return '';
  if ('error' in theirs) return theirs.error;
  return `${what(theirs.ms).padStart(8)} ${`${(theirs.ms / ms).toFixed(2)}x`.padStart(9)}`;
}

const times = ({ ms, low, high }: Pick<Timing, 'ms' | 'low' | 'high'>) =>
  `${significant(ms).padStart(8)} ${`(${significant(low)} to ${significant(high)})`.padEnd(18)}`;

const share = (rate: number, peak: number | undefined) =>
  (peak ? `${((100 * rate) / peak).toFixed(1)}%` : '').padStart(6);

const significant = (value: number) =>
  value >= 1000 ? value.toFixed(0) : value >= 0.001 ? value.toPrecision(3) : value.toExponential(1);
