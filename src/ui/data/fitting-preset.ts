/** Whether a preset suits the time steps of the user's data, and which one would do better. */
import type { RunInfo } from '../../session/api/api.ts';
import { presets } from '../../session/api/presets.ts';
import { leadTime } from '../../show/format.ts';

export interface Misfit {
  /** For people: what does not fit, with the numbers, and what to do. */
  readonly message: string;
  /** A preset that fits, if there is one. */
  readonly better: string | undefined;
}

/** Steps of the data in a step of the model: see `ForecastOptions`. */
const leadStepsOf = (preset: string): number =>
  'leadSteps' in presets[preset].task.options ? Number(presets[preset].task.options.leadSteps) : Number.NaN;

/**
 * What a forecast of the user's own data steps over, beside what the preset is meant for: a daily file is not for a preset that
 * goes four records ahead.
 *
 * @returns undefined where the preset suits the data
 */
export function misfitOf({ config, views }: Pick<RunInfo, 'config' | 'views'>): Misfit | undefined {
  const map = views.find(view => view.kind === 'map');
  const { preset, data } = config;
  const { label, stepHours } = presets[preset];
  const isOwn = data.kind === 'files' || data.kind === 'zarr';
  if (!map || stepHours === undefined || !isOwn || map.stepHours === stepHours) return undefined;
  const recordHours = map.stepHours / leadStepsOf(preset);
  const better = Object.keys(presets).find(
    name =>
      presets[name].published === undefined &&
      presets[name].store === undefined &&
      recordHours * leadStepsOf(name) === presets[name].stepHours,
  );
  const own = `These data have a field every ${leadTime(recordHours)}, so ${label} forecasts in steps of ${leadTime(map.stepHours)}; it is meant for steps of ${leadTime(stepHours)}.`;
  const advice = better
    ? `${presets[better].label} is meant for such data, and forecasts ${leadTime(recordHours * leadStepsOf(better))} ahead.`
    : 'Its settings were chosen for other data: expect less of it.';
  return { message: `${own} ${advice}`, better };
}
