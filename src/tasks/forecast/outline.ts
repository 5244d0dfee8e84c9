/** What is known of a forecast without data: see `TaskOutline`. */
import type { TaskOutline } from '../task.ts';
import type { ForecastOptions } from './task.ts';

export const forecastOutline: TaskOutline<ForecastOptions> = {
  kind: 'forecast',
  label: 'Forecast',
  options: [],
};
