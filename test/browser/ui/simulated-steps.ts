/** Steps of a small model on a mesh as they are simulated: what the views of a step are tested with. */
import { meshAt } from '../../../src/mesh/mesh.ts';
import { hashOf } from '../../../src/plan/hash.ts';
import type { StepTrace } from '../../../src/plan/trace.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import type { Plans } from '../../../src/ui/timeline/reading.ts';
import { tiny } from '../../node/models/demo-model.ts';
import { forecastJob } from '../../reference/jobs.ts';
import { asRecorded } from '../../reference/recorded-links.ts';

const shape = { rows: 2, columns: 2, replicas: 1 };
const plans = [0, 1, 2, 3].map(
  rank => trainingPlan(forecastJob(tiny), 2, presets.tiny.optimizer, { mesh: meshAt(shape, rank) }).plan,
);
const hashes = plans.map(hashOf);

export const plansByHash: Plans = new Map(plans.map(({ steps }, i) => [hashes[i], steps]));

/** Four ranks on one card. */
export function simulatedStep(step: number, latencySeconds = 1e-4): StepTrace[] {
  const device = {
    ...{ flopsPerSecond: 1e9, bytesPerSecond: 1e10, secondsPerDispatch: 1e-5, secondsPerExchange: 1e-4 },
  };
  const link = { latencySeconds, bytesPerSecond: 5e7 };
  const machines = plans.map(() => ({ device, linkTo: () => link }));
  return simulate(plans, machines, hashes).map(trace => ({ ...trace, step }));
}

/** With its links as a run records them. */
export const recordedStep = (step: number, latencySeconds?: number): StepTrace[] =>
  asRecorded(plans, simulatedStep(step, latencySeconds));

export const oneCard = [0, 1, 2, 3].map(rank => ({
  ...{ rank, card: 'host', name: 'card of this page', certain: true },
}));
