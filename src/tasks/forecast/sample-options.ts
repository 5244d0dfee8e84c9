/** What of a forecast decides which samples there are. */
import type { TaskOptions } from './task.ts';

export type SampleOptions = Pick<TaskOptions, 'split' | 'inputSteps' | 'leadSteps'>;

/** Whether the options of a task are those of a forecast. */
export const isForecast = (options: object): options is SampleOptions =>
  'split' in options && 'inputSteps' in options && 'leadSteps' in options;
