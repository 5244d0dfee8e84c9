import { describe, expect, test } from 'vitest';
import { parseTrainArguments } from '../../../src/cli/arguments.ts';
import { numberOptions } from '../../../src/cli/options.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { isAllowed, type RunOption, rangeText, runOptions } from '../../../src/session/api/run-options.ts';
import { settingsOf } from '../../../src/session/api/settings.ts';
import { settingsFromAddress } from '../../../src/ui/settings.ts';

const config = { data: { kind: 'embedded', days: 30, seed: 1 }, preset: 'tiny', steps: 1, seed: 1 } as const;

test('a number is whole where it must be, and within its range', () => {
  expect(isAllowed('steps', 1)).toBe(true);
  expect(isAllowed('steps', 1.5)).toBe(false);
  expect(isAllowed('steps', 0)).toBe(false);
  expect(isAllowed('dropout', 0.5)).toBe(true);
  expect(isAllowed('dropout', Number.NaN)).toBe(false);
  expect(rangeText('blocks')).toBe('a whole number from 1 to 1\u202f000');
  expect(rangeText('dropout')).toBe('a number from 0 to 0.95');
});

describe('terminal, session and page agree on', () => {
  test.each(['steps', 'seed'] as const)('%s', option => {
    const { low, high } = runOptions[option];
    for (const value of [low, high]) {
      const { settings } = parseTrainArguments([`--${option}`, `${value}`]) as { settings: unknown };
      expect(settings).toMatchObject({ [option]: value });
      expect(() => settingsOf({ ...config, [option]: value })).not.toThrow();
      expect(settingsFromAddress(`?${option}=${value}`)[option]).toBe(value);
    }
    for (const value of [low - 1, high + 1]) {
      const words = `it must be ${rangeText(option)}.`;
      expect(() => parseTrainArguments([`--${option}=${value}`])).toThrow(
        `--${option} is "${value}"; ${words}`,
      );
      expect(() => settingsOf({ ...config, [option]: value })).toThrow(
        `${runOptions[option].label} is ${value}; ${words}`,
      );
      expect(isAllowed(option, settingsFromAddress(`?${option}=${value}`)[option])).toBe(true);
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
    const { low, high, label } = runOptions[option];
    for (const value of [low, high]) {
      expect(() => parseTrainArguments([`--${flag}`, `${value}`])).not.toThrow();
      expect(() => settingsOf({ ...config, overrides: { [option]: value } })).not.toThrow();
    }
    const words = `it must be ${rangeText(option)}.`;
    const above = high + 1;
    expect(() => parseTrainArguments([`--${flag}`, `${above}`])).toThrow(`--${flag} is "${above}"; ${words}`);
    expect(() => settingsOf({ ...config, overrides: { [option]: above } })).toThrow(
      `${label} is ${above}; ${words}`,
    );
  });
});

test('every number of the terminal is in the table, and every preset within it', () => {
  expect(new Set(Object.values(numberOptions))).toEqual(new Set(Object.keys(runOptions) as RunOption[]));
  for (const { steps, batch, embeddedDays, optimizer, schedule, model } of Object.values(presets)) {
    const values = { steps, batch, days: embeddedDays, dropout: model.dropout, width: model.embedding };
    const rates = { learningRate: schedule.peak, weightDecay: optimizer.weightDecay, blocks: model.blocks };
    for (const [option, value] of Object.entries({ ...values, ...rates })) {
      expect(isAllowed(option as RunOption, value), `${option} ${value}`).toBe(true);
    }
  }
});
