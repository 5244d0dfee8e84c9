/** What the user is told of an exception: the code of those that he can do something about, and where the others were thrown. */
import { expect, test } from 'vitest';
import { DeviceLostError } from '../../../src/gpu/mapping.ts';
import { ShapeError } from '../../../src/graph/tensor.ts';
import { DataError } from '../../../src/io/data-error.ts';
import { ConfigError } from '../../../src/models/model.ts';
import { DivergedError, PeerError } from '../../../src/parallel/faults.ts';
import { TooLargeError } from '../../../src/plan/limits.ts';
import { RunFailure, runErrorOf } from '../../../src/session/errors.ts';
import { CheckpointError } from '../../../src/train/checkpoint-error.ts';

test.each([
  [new ConfigError('embedding is 7'), { code: 'bad-config', resumable: false }],
  [new DataError('no time'), { code: 'bad-data', resumable: false }],
  [new CheckpointError('of another model'), { code: 'bad-checkpoint', resumable: false }],
  [new TooLargeError('3 GiB'), { code: 'too-large', resumable: false }],
  [new DivergedError(1, 7), { code: 'loss-nan', resumable: true }],
  [new PeerError(2, 'is gone'), { code: 'peer-lost', resumable: true, rank: 2 }],
  [new RunFailure('device-lost', 'lost', true), { code: 'device-lost', resumable: true }],
  [new DOMException('no room', 'QuotaExceededError'), { code: 'storage-full', resumable: false }],
])('%s has a code of its own, and no stack', (error, expected) => {
  expect(runErrorOf(error)).toEqual({ message: error.message, ...expected });
});

test('a device that is lost is told with what to do, whoever heard of it first', () => {
  expect(runErrorOf(new DeviceLostError('removed'))).toEqual({
    code: 'device-lost',
    message:
      'The graphics device was lost (removed), most often for lack of memory. ' +
      'Resume continues from the last checkpoint; a smaller batch or preset may help.',
    resumable: true,
  });
});

test.each([
  new RangeError('Step 70 is not in memory'),
  new ShapeError('concat: [2, 3] does not fit'),
  new TypeError('x is undefined'),
])('%s is no fault of the settings: it is told with the place where it was thrown', error => {
  const { stack, ...told } = runErrorOf(error);
  expect(told).toEqual({ code: 'internal', message: error.message, resumable: false });
  expect(stack).toContain(error.message);
  expect(stack).toContain('errors.test.ts');
});

test('what is thrown and is no error is told as it is', () => {
  expect(runErrorOf('enough')).toEqual({ code: 'internal', message: 'enough', resumable: false });
});
