/** The file of `--trace`: sampled steps as they are heard of, written at the end. */
import { writeFile } from 'node:fs/promises';
import type { PlanStep, StepTrace } from '../session/api/api.ts';
import { chromeTrace } from '../show/chrome-trace.ts';
import type { KnownPlan } from './bridge.ts';

/** Of every rank and pass of a sampled step, one a second: those of the last ten minutes are kept. */
const MOST_SAMPLES = 600;

export interface TraceFile {
  add(traces: readonly StepTrace[]): void;
  learn(plans: readonly KnownPlan[]): void;
  /** @returns how many steps are in it */
  write(): Promise<number>;
}

export function traceFile(path: string): TraceFile {
  const samples: (readonly StepTrace[])[] = [];
  const known = new Map<string, readonly PlanStep[]>();
  return {
    add(traces) {
      samples.push(traces);
      if (samples.length > MOST_SAMPLES) samples.shift();
    },
    learn(plans) {
      for (const { hash, steps } of plans) known.set(hash, steps);
    },
    async write() {
      await writeFile(path, JSON.stringify(chromeTrace(samples.flat(), hash => known.get(hash))));
      return samples.length;
    },
  };
}
