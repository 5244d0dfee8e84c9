/** The normalisation of a forecast as a checkpoint keeps it, with the grid and the steps that it belongs to. */
import type { SavedNormalisation } from '../task.ts';
import type { ForecastTask } from './task.ts';

/** Axes in single precision, as tensors of a checkpoint are. */
export function savedNormalisation({
  normalisation: { climatology, ...statistics },
  dataset: { latitude, longitude, stepHours, stepMonths, calendar = 'standard' },
}: Pick<ForecastTask, 'normalisation' | 'dataset'>): SavedNormalisation {
  return {
    statistics: { ...statistics, stepHours, stepMonths, calendar },
    arrays: {
      climatology,
      latitude: Float32Array.from(latitude),
      longitude: Float32Array.from(longitude),
    },
  };
}
