/** The settings of the page's run: when a run must be prepared anew, and what of a saved one the form shows. */
import { expect, test } from 'vitest';
import {
  configOf,
  type ModelChanges,
  type Settings,
  sameButSeed,
  settingsOfSaved,
} from '../../../src/ui/run-settings.ts';

const settings: Settings = {
  preset: 'resnet8',
  steps: 20,
  seed: 1,
  accumulate: 1,
  recompute: false,
  model: { width: 8 },
  data: { kind: 'embedded' },
  mesh: { rows: 1, columns: 1, replicas: 1 },
  link: 'own',
};

test('a run with another model is another run, one with another seed is not', () => {
  expect(sameButSeed(settings, { ...settings, seed: 2, model: { width: 8 } })).toBe(true);
  const others: readonly ModelChanges[] = [{}, { width: 16 }, { width: 8, subset: 0.5 }, { blocks: 8 }];
  for (const model of others) {
    expect(sameButSeed(settings, { ...settings, model }), JSON.stringify(model)).toBe(false);
  }
});

test('what is changed of the model goes to the session and comes back from a saved run', () => {
  const config = configOf(
    { ...settings, batch: 6, accumulate: 2, recompute: true },
    { kind: 'shapes', seed: 1 },
  );
  expect(config.overrides).toEqual({ batch: 6, accumulate: 2, width: 8 });
  expect(config.recompute).toBe(true);
  expect(settingsOfSaved(config)).toEqual({
    preset: 'resnet8',
    steps: 20,
    seed: 1,
    batch: 6,
    accumulate: 2,
    recompute: true,
    model: { width: 8 },
  });
  expect(settingsOfSaved({ ...config, overrides: undefined })).toMatchObject({ accumulate: 1, model: {} });
  expect(sameButSeed(settings, { ...settings, recompute: true })).toBe(false);
  expect(sameButSeed(settings, { ...settings, batch: 6 })).toBe(false);
});
