/** What is known of a classification without data: see `TaskOutline`. */
import { FRACTIONS } from '../../data/images/subset.ts';
import type { TaskOutline } from '../task.ts';
import type { ClassifyOptions } from './options.ts';

export const classifyOutline: TaskOutline<ClassifyOptions> = {
  kind: 'classify',
  label: 'Classification',
  options: [
    {
      name: 'subset',
      key: 'subset',
      label: 'Share of the images to train on',
      low: Math.min(...FRACTIONS),
      high: 1,
      kind: 'real',
    },
  ],
};
