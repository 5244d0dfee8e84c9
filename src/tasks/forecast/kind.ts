/** The forecast as a kind of task: see `tasks/task.ts`. */
import { mul } from '../../graph/ops/elementwise.ts';
import { weightedMse } from '../../graph/ops/loss.ts';
import { inLayer } from '../../graph/provenance.ts';
import type { TaskKind } from '../task.ts';
import { plannedForecast } from './frame.ts';
import { forecastOutline } from './outline.ts';
import { openShard } from './shard-reader.ts';
import { openForecast } from './supply.ts';
import type { ForecastTypes } from './types.ts';

export const forecastKind: TaskKind<ForecastTypes> = {
  ...forecastOutline,
  open: openForecast,
  plannedFrame: plannedForecast,
  createPart: async () => (await import('./rank-part.ts')).createRankPart(),
  openShard,
  /** Mean of ((prediction - target) weight mask)^2 over samples, channels and points, padding among them. */
  loss(apply, inputs, mode, { sizes }, { samples }) {
    const { target, weight, mask } = inputs;
    const outputs = apply(inputs, mode);
    const weights = mask ? inLayer('loss', () => mul(mask, weight)) : weight;
    const count = samples * sizes.channels * sizes.height * sizes.width;
    const loss = inLayer('loss', () => weightedMse(outputs.prediction, target, weights, count));
    return { loss, outputs };
  },
};
