/** The file of `--trace`: sampled steps as they are heard of, written at the end. */
import { writeFile } from 'node:fs/promises';
import type { PlanStep, StepTrace } from '../session/api/api.ts';
import type { TraceDetail } from '../session/api/run-config.ts';
import { chromeTrace } from '../show/chrome-trace.ts';
import { updateMs } from '../show/update-time.ts';
import type { KnownPlan } from './bridge.ts';

/** Of every rank and pass of a sampled step, one a second: those of the last ten minutes are kept. */
const MOST_SAMPLES = 600;

export interface TraceFile {
  readonly detail: TraceDetail;
  add(traces: readonly StepTrace[]): void;
  learn(plans: readonly KnownPlan[]): void;
  /** See `updateMs` of the traces. */
  updateMs(): number | undefined;
  /** @returns how many steps are in it */
  write(): Promise<number>;
}

export function traceFile(path: string, detail: TraceDetail): TraceFile {
  const samples: (readonly StepTrace[])[] = [];
  const known = new Map<string, readonly PlanStep[]>();
  return {
    detail,
    add(traces) {
      samples.push(traces);
      if (samples.length > MOST_SAMPLES) samples.shift();
    },
    learn(plans) {
      for (const { hash, steps } of plans) known.set(hash, steps);
    },
    updateMs: () => updateMs(samples.flat(), hash => known.get(hash)),
    async write() {
      await writeFile(path, JSON.stringify(chromeTrace(samples.flat(), hash => known.get(hash))));
      return samples.length;
    },
  };
}
