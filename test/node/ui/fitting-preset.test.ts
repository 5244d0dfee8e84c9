/** A preset is proposed for data whose steps another one is meant for. */
import { expect, test } from 'vitest';
import type { DataChoice } from '../../../src/data/choice/choice.ts';
import type { RunInfo, ViewSpec } from '../../../src/session/api/api.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { misfitOf } from '../../../src/ui/data/fitting-preset.ts';

const files: DataChoice = { kind: 'files', files: [] };
const runOf = (
  preset: string,
  stepHours: number,
  data: DataChoice = files,
): Pick<RunInfo, 'config' | 'views'> => ({
  config: { preset, data, steps: 1, seed: 1 },
  views: [{ kind: 'map', stepHours } as ViewSpec],
});

test('daily data under Demo are told of, and Regional is proposed', () => {
  const misfit = misfitOf(runOf('demo', 96));
  expect(misfit?.better).toBe('regional');
  expect(misfit?.message).toBe(
    'These data have a field every 1 d, so Demo forecasts in steps of 4 d; it is meant for steps of 1 d. Regional is meant for such data, and forecasts 1 d ahead.'.replace(
      /(\d) d/g,
      '$1\u00a0d',
    ),
  );
});

test('data that no preset is meant for are told of all the same', () => {
  const misfit = misfitOf(runOf('regional', 1));
  expect(misfit?.better).toBeUndefined();
  expect(misfit?.message).toContain('expect less of it');
});

test.each([
  ['daily data under Regional', runOf('regional', 24)],
  ['six-hourly data under Demo', runOf('demo', 24)],
  ['the embedded atmosphere', runOf('demo', 96, { kind: 'embedded', days: 60, seed: 1 })],
  ['images', { ...runOf('resnet8', 24), views: [] }],
])('%s need nothing else', (_, run) => expect(misfitOf(run)).toBeUndefined());

test('presets say the step that they are meant for where they have data of their own', () => {
  for (const name of ['demo', 'tiny', 'regional', 'era5'])
    expect(presets[name].stepHours, name).toBeGreaterThan(0);
});
