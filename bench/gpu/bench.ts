/** What every section of the bench is given, and how one thing is measured beside PyTorch. */
import type { Draw, Peak, PowerMeter } from './machine.ts';
import type { SizeList } from './sizes.ts';
import type { Device } from './timing.ts';
import type { Torch } from './torch.ts';

export interface Bench {
  readonly device: Device;
  readonly sizes: SizeList;
  readonly peak: Peak | undefined;
  readonly torch: Torch | undefined;
  readonly meter: PowerMeter;
  /** Where the fastest forms of products are kept, to be measured where they are not; '' for the usual ones alone. */
  readonly formsFile: string;
  /** A folder for files of this run. */
  readonly scratch: string;
  /** What cannot be measured is said, and undefined; the rest goes on. */
  readonly attempt: <Result>(name: string, work: () => Promise<Result>) => Promise<Result | undefined>;
}

/** What PyTorch says of its part. */
export type Answer<Method extends 'product' | 'convolution' | 'pass' | 'step'> =
  | Awaited<ReturnType<Torch[Method]>>
  | undefined;

export interface Measured<Ours, Theirs> {
  readonly ours: Ours;
  readonly theirs: Theirs;
  /** Of the GPU while ours ran. */
  readonly draw: Draw | undefined;
}

/** Measures ours and the power meanwhile, then theirs. */
export async function beside<Ours, Theirs>(
  { attempt, meter }: Bench,
  name: string,
  work: () => Promise<Ours>,
  theirs: () => Promise<Theirs> | undefined,
): Promise<Measured<Ours, Theirs | undefined> | undefined> {
  meter.read();
  const ours = await attempt(name, work);
  const draw = meter.read();
  return ours && { ours, theirs: await theirs(), draw };
}
