/**
 * What a page tells the host of its run of the machine that it is on: a mark, the same for all pages of one browser, and what is
 * known of the machine's power, where its user lets it. Plain values with a version. A stranger has written them: they are
 * checked when they arrive, and what cannot be is refused in words.
 */
import * as v from 'valibot';
import { type Schema, text, whole } from '../io/schemas.ts';
import { type GpuChoice, gpuChoice, restWatts } from './gpu-choice.ts';

/** What its own page knows of the power of a machine. */
export interface SaidPower {
  readonly gpu: GpuChoice;
  /** As in `GpuClues`. */
  readonly renderer?: string;
  readonly hasBattery?: true;
  /** Of its processor. */
  readonly threads?: number;
  /** W of the machine without its GPUs, as its user has typed in. */
  readonly hostWatts?: number;
  /** Share of its processor that is in use at most, by all that runs on it. */
  readonly processor?: number;
}

export interface ToldMachine {
  readonly version: typeof toldVersion;
  /** Absent where the browser keeps nothing. */
  readonly mark?: string;
  /** Absent where its user does not let it, or has not been asked. */
  readonly power?: SaidPower;
}

/** Another meaning of a field is another version. */
export const toldVersion = 1;

const power: Schema<SaidPower> = v.object({
  gpu: gpuChoice,
  renderer: v.exactOptional(text(300)),
  hasBattery: v.exactOptional(v.literal(true)),
  threads: v.exactOptional(whole(1, 4096)),
  hostWatts: v.exactOptional(restWatts),
  processor: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

const toldMachine: Schema<ToldMachine> = v.object({
  version: v.literal(toldVersion),
  mark: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))),
  power: v.exactOptional(power),
});

/** @returns what is wrong with it, in words, where it cannot be */
export function readToldMachine(value: unknown): ToldMachine | string {
  const version: unknown = Object(value).version;
  if (Number.isInteger(version) && version !== toldVersion)
    return `its page tells it in version ${version}; this page knows version ${toldVersion}`;
  const result = v.safeParse(toldMachine, value, { abortEarly: true });
  if (result.success) return result.output;
  const [{ message }] = result.issues;
  return message.startsWith('Invalid')
    ? `${v.getDotPath(result.issues[0]) ?? 'all of it'}: ${message}`
    : message;
}
