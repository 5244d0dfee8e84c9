import { describe, expect, test } from 'vitest';
import { parseTrainArguments } from '../../../src/cli/arguments.ts';
import { numberOptions, options } from '../../../src/cli/options.ts';
import { modelKind } from '../../../src/models/index.ts';
import { presets } from '../../../src/session/api/presets.ts';
import {
  isAllowed,
  isWithin,
  kindOptionNames,
  kindOptions,
  type RunOption,
  rangeOf,
  rangeText,
  runOptions,
} from '../../../src/session/api/run-options.ts';
import { settingsOf } from '../../../src/session/api/settings.ts';
import { settingsIn } from '../../../src/ui/address.ts';

const config = { preset: 'tiny', steps: 1, seed: 1 } as const;
const mixer = kindOptions(presets.tiny);
const optionOf = (name: string) => mixer.get(name) ?? runOptions[name as RunOption];

test('a number is whole where it must be, and within its range', () => {
  expect(isAllowed('steps', 1)).toBe(true);
  expect(isAllowed('steps', 1.5)).toBe(false);
  expect(isAllowed('steps', 0)).toBe(false);
  const dropout = optionOf('dropout');
  expect(isWithin(dropout, 0.5)).toBe(true);
  expect(isWithin(dropout, Number.NaN)).toBe(false);
  expect(rangeOf(optionOf('blocks'))).toBe('a whole number from 1 to 1\u202f000');
  expect(rangeOf(dropout)).toBe('a number from 0 to 0.95');
});

describe('terminal, session and page agree on', () => {
  test.each(['steps', 'seed'] as const)('%s', option => {
    const { low, high } = runOptions[option];
    for (const value of [low, high]) {
      const { settings } = parseTrainArguments([`--${option}`, `${value}`]) as { settings: unknown };
      expect(settings).toMatchObject({ [option]: value });
      expect(() => settingsOf({ ...config, [option]: value })).not.toThrow();
      expect(settingsIn(`?${option}=${value}`)[option]).toBe(value);
    }
    for (const value of [low - 1, high + 1]) {
      const words = `it must be ${rangeText(option)}.`;
      expect(() => parseTrainArguments([`--${option}=${value}`])).toThrow(
        `--${option} is "${value}"; ${words}`,
      );
      expect(() => settingsOf({ ...config, [option]: value })).toThrow(
        `${runOptions[option].label} is ${value}; ${words}`,
      );
      expect(isAllowed(option, settingsIn(`?${option}=${value}`)[option])).toBe(true);
    }
  });

  test.each([
    ['batch', 'batch'],
    ['learningRate', 'learning-rate'],
    ['weightDecay', 'weight-decay'],
    ['dropout', 'dropout'],
    ['width', 'width'],
    ['blocks', 'blocks'],
  ] as const)('%s', (option, flag) => {
    const spec = optionOf(option);
    const { low, high, label } = spec;
    for (const value of [low, high]) {
      expect(() => parseTrainArguments([`--${flag}`, `${value}`])).not.toThrow();
      expect(() => settingsOf({ ...config, overrides: { [option]: value } })).not.toThrow();
    }
    const words = `it must be ${rangeOf(spec)}.`;
    const above = high + 1;
    expect(() => parseTrainArguments([`--${flag}`, `${above}`])).toThrow(`--${flag} is "${above}"; ${words}`);
    expect(() => settingsOf({ ...config, overrides: { [option]: above } })).toThrow(
      `${label} is ${above}; ${words}`,
    );
  });
});

test('what a kind of model lacks cannot be changed, and what it has is told', () => {
  const run = { ...config, preset: 'resnet8', overrides: { dropout: 0.1 } };
  expect(() => settingsOf(run)).toThrow(
    'A ResNet has no dropout to be changed; it has width, sync-norms, subset.',
  );
  const { model, task } = settingsOf({ ...run, overrides: { width: 24, subset: 0.25, 'sync-norms': 1 } });
  expect(model.options).toMatchObject({ stageChannels: 24, syncNorms: true });
  expect(() => settingsOf({ ...run, overrides: { 'sync-norms': 2 } })).toThrow('it must be 0 or 1.');
  expect(task.options).toMatchObject({ subset: 0.25, validation: 0.1 });
});

test('every number of the terminal is in the table, and every preset within it', () => {
  expect(new Set(Object.values(numberOptions))).toEqual(new Set(Object.keys(runOptions)));
  for (const name of kindOptionNames) expect(options).toHaveProperty(name);
  for (const { steps, batch, embedded, optimizer, schedule, model } of Object.values(presets)) {
    const days = embedded.kind === 'embedded' ? { days: embedded.days } : {};
    const values = { steps, batch, ...days };
    const rates = { learningRate: schedule.peak, weightDecay: optimizer.weightDecay };
    for (const [option, value] of Object.entries({ ...values, ...rates })) {
      expect(isAllowed(option as RunOption, value), `${option} ${value}`).toBe(true);
    }
    for (const { key, ...option } of modelKind(model.kind).options) {
      expect(isWithin(option, Number(model.options[key])), `${option.name} of ${model.kind}`).toBe(true);
    }
  }
});
