import { describe, expect, test } from 'vitest';
import { parseTrainArguments, UsageError } from '../../../src/cli/arguments.ts';

const parse = (line: string) => parseTrainArguments(line.split(' ').filter(word => word !== ''));

describe('a new run', () => {
  test('needs no argument: the page preset on the embedded atmosphere', () => {
    expect(parse('')).toMatchObject({
      kind: 'new',
      out: 'runs/demo-seed1',
      json: false,
      settings: { data: { kind: 'embedded', seed: 1 }, preset: 'demo', seed: 1, overrides: {} },
    });
  });

  test('takes every setting, and none that was not given', () => {
    const command = parse(
      '--data a.nc,b/c.nc --preset tiny --steps 20 --seed 7 --out x --json --batch 4 --learning-rate 1e-3 ' +
        '--weight-decay 0 --dropout 0.2 --width 96 --blocks 3 --evaluate-every 0 --checkpoint-seconds 30',
    );
    expect(command).toEqual({
      kind: 'new',
      out: 'x',
      json: true,
      settings: {
        data: { kind: 'files', files: ['a.nc', 'b/c.nc'] },
        preset: 'tiny',
        steps: 20,
        seed: 7,
        overrides: { batch: 4, learningRate: 1e-3, weightDecay: 0, dropout: 0.2, width: 96, blocks: 3 },
        evaluateEvery: 0,
        checkpointSeconds: 30,
      },
    });
  });

  test('on files takes the preset made for them', () => {
    expect(parse('--data slp.nc')).toMatchObject({ settings: { preset: 'regional' } });
  });

  test('on the embedded atmosphere takes its days and seed', () => {
    expect(parse('--days 60 --data-seed 3')).toMatchObject({
      settings: { data: { kind: 'embedded', days: 60, seed: 3 } },
    });
  });
});

describe('a resumed run', () => {
  test('goes on in its own folder, with more steps', () => {
    expect(parse('--resume runs/a --steps 4000 --json')).toEqual({
      kind: 'resume',
      from: 'runs/a',
      out: 'runs/a',
      json: true,
      changes: { steps: 4000 },
    });
  });

  test('may take its files from elsewhere', () => {
    expect(parse('--resume a --out b --data /moved/slp.nc')).toMatchObject({
      out: 'b',
      changes: { data: { kind: 'files', files: ['/moved/slp.nc'] } },
    });
  });

  test.each(['--preset tiny', '--seed 2', '--batch 8', '--days 90', '--data embedded'])(
    'refuses %s',
    option => {
      expect(() => parse(`--resume a ${option}`)).toThrow(UsageError);
    },
  );
});

test('help is help, whatever else is there', () => {
  expect(parse('--help --steps 3')).toEqual({ kind: 'help' });
});

describe('nonsense is named', () => {
  test.each([
    ['--steps 0', '--steps is "0"; it must be a whole number from 1 to'],
    ['--steps 1.5', 'whole number'],
    ['--steps 1e99', '--steps is "1e99"'],
    ['--steps many', '--steps is "many"'],
    ['--steps=-4', '--steps is "-4"'],
    ['--seed 4294967296', 'from 0 to 4294967295'],
    ['--batch 0', '--batch'],
    ['--learning-rate 0', '--learning-rate is "0"'],
    ['--learning-rate Infinity', '--learning-rate'],
    ['--learning-rate NaN', '--learning-rate'],
    ['--dropout 1', 'from 0 to 0.95'],
    ['--weight-decay=-1', '--weight-decay'],
    ['--width 0', '--width'],
    ['--blocks 1e4', '--blocks'],
    ['--days 3', 'from 10 to'],
    ['--checkpoint-seconds 0', '--checkpoint-seconds'],
    ['--data a.nc --days 60', '--days belongs to --data embedded'],
    ['--data ,', '--data is empty'],
    ['--preset huge', '--preset is "huge"; there are demo, tiny, regional'],
    ['--preset toString', '--preset is "toString"'],
    ['--stps 3', '--stps'],
    ['more', 'more'],
  ])('%s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  test('an empty number or folder', () => {
    expect(() => parseTrainArguments(['--steps', ''])).toThrow('--steps is ""');
    expect(() => parseTrainArguments(['--out', ' '])).toThrow('--out is empty');
  });
});
